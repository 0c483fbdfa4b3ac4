"""Packages of features with migrations, for tests that need some of their own; one may stand in for `domain`."""

from collections.abc import Mapping
from pathlib import Path

_DECLARED = "from common.feature import Feature\n\nFEATURE = Feature({name!r})\n"


def write_features(
    package: Path, features: Mapping[str, Mapping[str, str]], declared: Mapping[str, str] | None = None
) -> None:
    """Write the migrations of features by their names, with the text of each; what is there already stays.

    `declared` is the text of a feature's `__init__.py`, where it has more than migrations.
    """
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    for name, migrations in features.items():
        folder = package / name / "migrations"
        folder.mkdir(parents=True, exist_ok=True)
        text = (declared or {}).get(name, _DECLARED.format(name=name))
        (package / name / "__init__.py").write_text(text, encoding="utf-8")
        (folder / "__init__.py").touch()
        for migration, source in migrations.items():
            (folder / f"{migration}.py").write_text(source, encoding="utf-8")
