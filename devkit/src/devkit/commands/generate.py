"""Commands that add to the project and remove from it."""

from __future__ import annotations

from typing import Annotated

from devkit.commands.command import command
from devkit.terminal import CommandError

_DRY_RUN = "say what would be done, and change nothing"
_FORCE = "go on although files are changed and not committed"


@command(positional=("kind", "name"))
def new(
    *,
    kind: Annotated[str, "what to make: feature"] = "",
    name: Annotated[str, "its name, singular, such as invoice or sales_order"] = "",
    job: Annotated[bool, "it is accepted at once and computed by the worker"] = False,
    schedule: Annotated[bool, "a schedule removes what is old"] = False,
    fields: Annotated[str, "NAME:TYPE,... of str, text, int, float, decimal, bool, date, datetime"] = "title:str",
    plural: Annotated[str, "its plural, where it is not the usual one"] = "",
    dry_run: Annotated[bool, _DRY_RUN] = False,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Make a feature, tests included: new feature NAME (--job)."""
    from devkit.feature import change

    _refuse_kind("new", kind, name)
    change.add(name, plural=plural, fields=fields, job=job, schedule=schedule, dry_run=dry_run, force=force)


@command(positional=("what", "name"))
def remove(
    *,
    what: Annotated[str, "capabilities, as `invoke capabilities` lists them, separated by commas; or: feature"] = "",
    name: Annotated[str, "the feature's name"] = "",
    yes: Annotated[bool, "do not ask"] = False,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Remove what you do not need: remove CAPABILITY, remove feature NAME."""
    from devkit.capability import change as capability
    from devkit.feature import change as feature

    if bool(name) != (what == "feature") or not what.strip(", "):
        raise CommandError(
            "say what: `invoke remove feature NAME`, or a name that `invoke capabilities` lists.", code=2
        )
    if name:
        feature.remove(name, yes=yes, dry_run=dry_run, force=force)
    else:
        names = [each.strip() for each in what.split(",") if each.strip()]
        capability.remove(names, yes=yes, dry_run=dry_run, force=force)


def _refuse_kind(what: str, kind: str, name: str) -> None:
    if kind != "feature" or not name:
        raise CommandError(f"say what, and its name: invoke {what} feature NAME.", code=2)
