"""The requests of the documents, as somebody types them."""

import subprocess

from tests.e2e.conftest import Stack

from .blocks import blocks


def of_the_readme() -> list[str]:
    """Return the commands of README.md that send requests."""
    (block,) = [each for each in blocks("README.md") if "curl" in each.text]
    return block.commands()


def typed(command: str, stack: Stack) -> str:
    """Return a command for the stack that runs, in place of the one at the usual port."""
    return command.replace("localhost:8000", stack.components["api"]["url"])


def shell(command: str) -> str:
    """Return what a command prints; it must succeed."""
    return subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout
