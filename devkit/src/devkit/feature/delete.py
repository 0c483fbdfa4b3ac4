"""A feature goes with every file that bears its name, and with its settings."""

import re
import shutil
from pathlib import Path

from devkit.feature.create import files_of
from devkit.terminal import CommandError


def features(root: Path) -> list[str]:
    """Return the names of the features below a root."""
    return sorted(path.parent.name for path in root.glob("libs/domain/src/domain/*/__init__.py"))


def delete(name: str, root: Path) -> list[str]:
    """Delete a feature below a root, and return what was deleted, relative to it. Raises CommandError."""
    if name not in features(root):
        raise CommandError(f"there is no feature {name!r}: there are {', '.join(features(root)) or 'none'}.", code=2)
    paths = files_of(name, root)
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    settings = root / ".env"
    text = settings.read_text(encoding="utf-8")
    # Its lines, and the comments above them.
    settings.write_text(re.sub(rf"(?m)^(#.*\n)*{name.upper()}_\w+=.*\n", "", text), encoding="utf-8")
    return [str(path.relative_to(root)) for path in paths]
