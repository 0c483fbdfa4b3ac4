"""`python -m devkit COMMAND ...`: the commands of `invoke` in the Python that runs, which nothing makes or renews."""

from invoke.program import Program

from devkit.commands.collection import collection, prepare

if __name__ == "__main__":
    prepare()
    Program(namespace=collection(), name="devkit", binary="python -m devkit").run()
