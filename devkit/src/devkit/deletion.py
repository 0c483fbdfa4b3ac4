"""A file or folder goes, and no empty folder stays."""

import shutil
from pathlib import Path


def delete(path: Path, root: Path) -> None:
    """Delete a file or folder, if it is there, and the folders above it that are empty then, up to a root."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    for folder in path.parents:
        # One that went with another pattern is not there.
        if folder == root or (folder.exists() and any(folder.iterdir())):
            return
        if folder.exists():
            folder.rmdir()
