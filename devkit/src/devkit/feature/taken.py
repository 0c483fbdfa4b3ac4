"""The names that a new feature cannot have, for something that is there has them already."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from devkit.feature.spec import FeatureSpec
from devkit.terminal import CommandError

# Folders and packages that are no place of a feature's files.
_OWN = ("{}", "*/src/{}")
# No name of anything.
_NEUTRAL = "neutral_q"
Sources = Callable[[FeatureSpec], Mapping[str, str]]


def refuse(spec: FeatureSpec, root: Path, *, files: list[Path], settings: str, sources: Sources) -> None:
    """Raise CommandError when something below a root has the name: its own files, a setting, or the code itself.

    `sources` returns the files that would be made of a feature, by their paths.
    """
    if reason := next(_reasons(spec, root, files, settings, sources), ""):
        raise CommandError(f"{spec.name!r} is taken: {reason}. Choose another name, such as {spec.name}_item.", code=2)


def _reasons(spec: FeatureSpec, root: Path, files: list[Path], settings: str, sources: Sources) -> Iterator[str]:
    for path in [*files, *(path for pattern in _OWN for path in root.glob(pattern.format(spec.name)))]:
        yield f"there is {path.relative_to(root)}"
    for setting in re.findall(rf"(?m)^{spec.name.upper()}_\w+(?==)", settings):
        yield f"{setting} would be its setting"
    neutral = sources(replace(spec, name=_NEUTRAL, plural=f"{_NEUTRAL}s"))
    used = {name for path, text in neutral.items() if path.endswith(".py") for name in _names(text)}
    for name in sorted(used & {spec.name, spec.type, spec.plural.upper()}):
        yield f"{name} is something else in the code of a feature"


def _names(text: str) -> Iterator[str]:
    """Yield the names that a module uses or gives."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.alias(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
