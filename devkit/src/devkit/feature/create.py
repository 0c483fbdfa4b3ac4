"""The files of a new feature, each from a template that lies where the file will."""

import json
import pprint
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from devkit.feature import taken
from devkit.feature.found_options import all_options
from devkit.feature.option import Option, Samples
from devkit.feature.spec import FeatureSpec
from devkit.terminal import CommandError

_TEMPLATES = Path(__file__).parent / "templates"
# The folders of `tests` that a template makes a file in.
_MADE = sorted({f"tests/{folder.name}" for folder in _TEMPLATES.glob("*/tests/*")})
# Below these, a folder or a file of the feature's name belongs to it; so do tests of that name.
PLACES = ("libs", "services", "docs/samples", "docs/api", "tests/e2e", *_MADE)
_SETTINGS = ".env"
_HEADING = "# --- Features "
_CURSOR = "IjY5N2RmMGMwMWM5ZDQ0MDAwMGMwZmZlZSI.dR3n1bT9dJ3xGZ0yKZ9dNqkqXxE"


def create(spec: FeatureSpec, root: Path) -> list[str]:
    """Write the files and the settings of a feature below a root, and return what was written, relative to it.

    Raises CommandError when something there bears the name already.
    """
    settings = (root / _SETTINGS).read_text(encoding="utf-8")
    taken.refuse(spec, root, files=files_of(spec.name, root), settings=settings, sources=_sources)
    texts = {**_sources(spec), **_samples(spec)}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _format([root / name for name in texts if name.endswith(".py")], root)
    if lines := [line for option in _chosen(spec) if option.settings for line in option.settings(spec)]:
        _add_settings(lines, root / _SETTINGS)
    return list(texts)


def files_of(name: str, root: Path) -> list[Path]:
    """Return the files and folders that bear the name of a feature, none inside of another."""
    paths = (path for place in PLACES for path in sorted((root / place).rglob("*")) if _bears(path, name))
    outermost: list[Path] = []
    for path in paths:
        if not any(parent in outermost for parent in path.parents):
            outermost.append(path)
    return outermost


def _bears(path: Path, name: str) -> bool:
    return (path.name if path.is_dir() else path.stem) in {name, f"test_{name}"} and "__pycache__" not in path.parts


def _chosen(spec: FeatureSpec) -> list[Option]:
    return [option for name, option in all_options().items() if name in spec.options]


def _sources(spec: FeatureSpec) -> dict[str, str]:
    """Return the texts by their paths."""
    values, folders = _values(spec), _folders(spec)
    environment = Environment(
        # A template may extend one of another folder, which it names.
        loader=FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=False,  # noqa: S701 - what is made is Python
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["python"] = repr
    names = sorted({path.relative_to(folder).as_posix() for folder in folders for path in folder.rglob("*.jinja")})
    texts = {name.removesuffix(".jinja"): environment.get_template(name).render(values) for name in names}
    return {name.replace("NAME", spec.name): f"{text.strip()}\n" for name, text in texts.items()}


def _folders(spec: FeatureSpec) -> list[Path]:
    """Return the folders with templates; what is in an earlier one stands in the place of the same in a later."""
    known = all_options()
    base = next((name for name in sorted(spec.options) if known[name].is_base), "resource")
    added = sorted(spec.options - {base})
    names = [*(f"{base}-{name}" for name in added), *added, base]
    return [folder for name in names if (folder := _TEMPLATES / name).is_dir()]


def _values(spec: FeatureSpec) -> dict[str, Any]:
    first = spec.fields[0]
    own = {name: getattr(spec, name) for name in dir(spec) if not name.startswith("_")}
    return {**own, "example": _literal(spec.example), "change": _literal({first.name: first.type.second})}


def _literal(value: Mapping[str, Any]) -> str:
    return pprint.pformat(value, sort_dicts=False, width=100)


def _samples(spec: FeatureSpec) -> dict[str, str]:
    """Return a sample of the answer of each operation that has one."""
    shown: dict[str, Any] = {"id": "697df0c01c9d440000c0ffee", **spec.example}
    made_by = next((option.samples for option in _chosen(spec) if option.samples), _resource_samples)
    answers = dict(made_by(spec, shown))
    newest = {"items": [_timed(one) for one in answers.pop("list")], "next_cursor": _CURSOR}
    named = {f"list{spec.types}": newest, **{f"{verb}{spec.type}": _timed(one) for verb, one in answers.items()}}
    return {
        f"docs/samples/{spec.name}/{operation}.json": f"{json.dumps(answer, indent=2)}\n"
        for operation, answer in named.items()
    }


def _resource_samples(spec: FeatureSpec, shown: Mapping[str, Any]) -> Samples:
    made = {**shown, "version": 1}
    changed = {**made, spec.fields[0].name: spec.fields[0].type.second, "version": 2}
    newest = [{**made, **spec.other_example, "id": "697df1ec1c9d440000c0ffef"}, made]
    return {"create": made, "get": made, "change": changed, "list": newest}


def _timed(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {**answer, "created_at": "2026-01-31T12:00:00.123000Z", "updated_at": "2026-01-31T12:00:00.123000Z"}


def _format(paths: list[Path], root: Path) -> None:
    """Wrap the lines and order the imports, which depend on the length of the names."""
    names = [str(path) for path in paths]
    for arguments in (["check", "--quiet", "--fix-only", "--select", "I"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--config", str(root / "pyproject.toml")]
        done = subprocess.run([*command, *names], cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"the new files could not be formatted: {(done.stderr or done.stdout).strip()}")


def _add_settings(lines: Sequence[str], path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if _HEADING not in text:
        raise CommandError(f".env has no section that begins with {_HEADING.strip()!r}, for the settings of features.")
    head, heading, features = text.partition(_HEADING)
    path.write_text(f"{head}{heading}{features.rstrip()}\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
