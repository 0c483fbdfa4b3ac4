"""The command that runs everything and shows its results."""

from typing import Annotated

from devkit.commands.command import command


@command()
def check_all(
    *, skip: Annotated[str, "steps to leave out, such as tests,coverage; their last results stay on the page"] = ""
) -> int:
    """Run everything, write one page: reports/index.html (--skip)."""
    from devkit.overview.check_all import check_all as run_all

    return run_all(skip)
