"""Commands that add to the project and remove from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from devkit import values
from devkit.commands.command import HERE, command
from devkit.feature.found_options import all_options
from devkit.terminal import CommandError

_DRY_RUN = "say what would be done, and change nothing"
_FORCE = "go on although files are changed and not committed"
_FIELDS = "title:str"


@command(positional=("kind", "target"), flags={name: f"feature: {one.help}" for name, one in all_options().items()})
def new(
    *,
    kind: Annotated[str, "what to make: feature, or project"] = "",
    target: Annotated[str, "a feature's name, singular, such as invoice; a project's folder, such as ../NAME"] = "",
    fields: Annotated[str, "feature: NAME:TYPE,... of str, text, int, float, decimal, bool, date, datetime"] = _FIELDS,
    plural: Annotated[str, "feature: its plural, where it is not the usual one"] = "",
    name: Annotated[str, "project: its name; without, that of the folder"] = "",
    features: Annotated[str, "project: features of the starter to keep, NAME,... or none; without, all"] = "",
    without: Annotated[str, "project: capabilities to leave out, NAME,..."] = "",
    ci: Annotated[str, "project: gitee, github and gitlab as you like, or none; without, github"] = "",
    port: Annotated[str, "project: the first of its ports; without, ten that are free here"] = "",
    yes: Annotated[bool, "ask nothing"] = False,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    force: Annotated[bool, _FORCE] = False,
    **options: bool,
) -> None:
    """Make a feature, or a product: feature NAME, project FOLDER."""
    own = {**options, "fields": fields != _FIELDS, "plural": plural}
    others = {"name": name, "features": features, "without": without, "ci": ci, "port": port}
    _refuse(kind, target, {"feature": own, "project": others})
    if kind == "project":
        from devkit.project.choice import HIGHEST, LOWEST
        from devkit.project.make import Options, make

        first = values.whole("--port", port, least=LOWEST, most=HIGHEST) if port else None
        chosen = (_names(features), _names(without), _names(ci), first)
        make(Options(HERE / target, name, *chosen, dry_run=dry_run, confirmed=yes, force=force))
        return
    from devkit.feature import change

    chosen_options = [option for option, is_chosen in options.items() if is_chosen]
    change.add(target, plural=plural, fields=fields, options=chosen_options, dry_run=dry_run, force=force)


@command(positional=("what", "name"))
def remove(
    *,
    what: Annotated[str, "capabilities, as `invoke capabilities` lists them, separated by commas; or: feature"] = "",
    name: Annotated[str, "the feature's name"] = "",
    yes: Annotated[bool, "do not ask"] = False,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Remove what you do not need: a capability, or: feature NAME."""
    from devkit.capability import change as capability
    from devkit.feature import change as feature

    if bool(name) != (what == "feature") or not what.strip(", "):
        raise CommandError(
            "say what: `invoke remove feature NAME`, or a name that `invoke capabilities` lists.", code=2
        )
    if name:
        feature.remove(name, yes=yes, dry_run=dry_run, force=force)
    else:
        capability.remove(values.words(what), yes=yes, dry_run=dry_run, force=force)


def _refuse(kind: str, target: str, given: Mapping[str, Mapping[str, object]]) -> None:
    """Raise CommandError when it is not said what to make, or an option was given that belongs to another kind."""
    if kind not in given or not target:
        raise CommandError("say what, and its name: invoke new feature NAME, or invoke new project ../NAME.", code=2)
    for other, options in given.items():
        if other != kind and (named := [f"--{name}" for name, value in options.items() if value]):
            raise CommandError(
                f"{named[0]} is an option of `invoke new {other}`, and says nothing to `new {kind}`.", code=2
            )


def _names(given: str) -> tuple[str, ...] | None:
    """Return the names of a list, where `none` is the empty one; None where nothing was said."""
    if not given:
        return None
    return () if given == "none" else tuple(values.words(given))
