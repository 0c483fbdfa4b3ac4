"""A feature goes with every file that bears its name, and with its settings."""

import re
from pathlib import Path

from devkit import deletion
from devkit.feature.create import files_of
from devkit.terminal import CommandError


def features(root: Path) -> list[str]:
    """Return the names of the features below a root."""
    return sorted(path.parent.name for path in root.glob("libs/domain/src/domain/*/__init__.py"))


def files_of_feature(name: str, root: Path) -> list[Path]:
    """Return the files and folders of a feature below a root. Raises CommandError when there is no such feature."""
    if name not in features(root):
        raise CommandError(f"there is no feature {name!r}: there are {', '.join(features(root)) or 'none'}.", code=2)
    return files_of(name, root)


def delete(name: str, root: Path) -> None:
    """Delete a feature below a root. Raises CommandError when there is no such feature."""
    for path in files_of_feature(name, root):
        deletion.delete(path, root)
    settings = root / ".env"
    text = settings.read_text(encoding="utf-8")
    # Its lines, and the comments above them; not marks, nor the lines of a feature whose name goes on after this one.
    others = "".join(rf"(?!{other.upper()}_)" for other in features(root) if other.startswith(f"{name}_"))
    text = re.sub(rf"(?m)^(#(?! \[).*\n)*{others}{name.upper()}_\w+=.*\n", "", text)
    # Marks with nothing between them.
    settings.write_text(re.sub(r"(?m)^# \[(\S+)\]\n# \[/\1\]\n", "", text), encoding="utf-8")
