"""The one task of `copier.yml`, run in the new project by copier's Python: bring the starter's files, and go on there.

Copier itself would look for something to fill in, in each path and in each file: it takes longer for that than for all
else. This module uses the standard library alone.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_BEGIN = "devkit/src/devkit/project/begin.py"
# An archive without git holds more than what is committed.
_NOT_COMMITTED = shutil.ignore_patterns(".coverage*", ".*_cache", "__pycache__", "*.egg-info")
_NOT_COMMITTED_AT_ROOT = shutil.ignore_patterns(
    ".git", ".venv*", ".tools", ".nox", ".data", ".env.*", ".hypothesis", "reports", "prof", "backups"
)


def main() -> int:
    """Bring the files, unless they are there; continue in `begin.py`, and return 130 for Ctrl-C before that."""
    source, here = Path(__file__).resolve().parents[4], Path.cwd()

    def left_out(folder: str, names: list[str]) -> set[str]:
        also = _NOT_COMMITTED_AT_ROOT(folder, names) if Path(folder) == source else set()
        return _NOT_COMMITTED(folder, names) | also

    try:
        if not (here / _BEGIN).exists():
            shutil.copytree(source, here, symlinks=True, ignore=left_out, dirs_exist_ok=True)
        os.execv(sys.executable, [sys.executable, _BEGIN, *sys.argv[1:]])  # noqa: S606 - it is this Python
    except shutil.Error as error:
        # It goes on to the last file, and names each that failed: of a full disk all of them.
        _, first, why = error.args[0][0]
        print(f"error: {len(error.args[0])} files could not be brought: {first}: {why}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
