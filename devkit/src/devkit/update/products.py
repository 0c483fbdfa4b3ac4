"""The product as a version of the starter makes it, with the name and all choices of this one."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devkit import ROOT, env
from devkit.bootstrap import install_environ
from devkit.capability import declaration
from devkit.capability.declaration import STARTER, Capability
from devkit.feature.delete import features
from devkit.project.make import copy_command
from devkit.signals import StopRequest, run_stoppable
from devkit.terminal import CommandError, say
from devkit.update.starter import Starter


def choices(answers: Mapping[str, Any], starter: Starter, old: str, new: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what copier is to be answered for the old and for the new version of the starter.

    What is not here any more was removed, by a command or by hand, and stays so. A feature that the starter itself has
    given up is the product's own from now on.
    """
    here = declaration.capabilities(ROOT)
    before, own = _declared(starter.files(old)), features(starter.folder)
    without = [name for name in before if name != STARTER and name not in here]
    after, offered = _declared(starter.files(new)), features(starter.folder)
    kept = [name for name in answers.get("features", []) if name in features(ROOT) and name in own and name in offered]
    given = {key: value for key, value in answers.items() if not key.startswith("_")}
    given |= {"project_name": env.project(env.read(ROOT / ".env")), "features": kept}
    # What is new there may need what this product goes without.
    gone = declaration.with_users([name for name in without if name in after], after)
    return {**given, "without": without}, {**given, "without": gone}


def make(starter: Starter, commit: str, answers: Mapping[str, Any], folder: Path, stop: StopRequest) -> None:
    """Make it in a folder, by the code of that version. Raises CommandError."""
    say(f"making what {starter.version(commit)} of the starter makes of this product ...")
    # JSON is YAML too.
    given = folder.with_name(f"{folder.name}.yml")
    given.write_text(json.dumps({**answers, "compare": True}), encoding="utf-8")
    command = [*copy_command(), "--defaults", "--vcs-ref", commit, "--data-file", str(given)]
    # Interrupted, copier leaves its clones, so they lie where all is deleted.
    environ = {**install_environ(), "TMPDIR": str(folder.parent)}
    if run_stoppable([*command, str(starter.folder), str(folder)], stop, environ):
        raise CommandError("the product could not be made; the message above says why. Nothing was changed.")
    # A version before this command makes a repository of it.
    shutil.rmtree(folder / ".git", ignore_errors=True)


def _declared(root: Path) -> dict[str, Capability]:
    """Return what capabilities need each other. A newer starter may declare more of them than this toolbox knows."""
    found = {}
    for path in sorted((root / declaration.DECLARED).glob("*.toml")):
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        known = {key: declared[key] for key in Capability.model_fields.keys() & declared}
        found[path.stem] = Capability.model_validate({**known, "name": path.stem})
    return found
