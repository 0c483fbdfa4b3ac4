"""The command that takes what is new in the starter into a product."""

from __future__ import annotations

from typing import Annotated

from devkit.commands.command import command
from devkit.terminal import CommandError


@command(letters=False)
def update(
    *,
    to: Annotated[str, "a certain version of the starter, a tag or a commit, instead of its newest release"] = "",
    check: Annotated[bool, "change nothing; exit code 1 when there is a newer version"] = False,
    continue_: Annotated[bool, "finish an update whose conflicts are solved"] = False,
    abort: Annotated[bool, "take back an update that has conflicts"] = False,
    no_test: Annotated[bool, "do not run the checks in the end"] = False,
    checks: Annotated[str, "the command that must succeed in the end, instead of `invoke check`"] = "",
) -> int:
    """Take what is new in the starter (--to TAG, --check)."""
    from devkit.update import run

    if sum((check, continue_, abort)) > 1 or (to and (continue_ or abort)):
        raise CommandError("choose one of --check, --continue and --abort; --to goes with --check alone.", code=2)
    if check:
        return run.check(to=to)
    if abort:
        run.abort()
    elif continue_:
        run.proceed(test=not no_test, checks=checks)
    else:
        run.update(to=to, test=not no_test, checks=checks)
    return 0
