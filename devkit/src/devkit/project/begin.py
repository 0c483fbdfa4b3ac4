"""The task of `copier.yml` goes on here, in the new project by copier's Python: make of the starter's files a product.

This module uses the standard library alone. The rest needs what the toolbox needs, which is installed into an
environment that is deleted afterwards: a project is not tied to the folder where it was made.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    # The project is to hold nothing that was made on the way.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from devkit import ROOT, bootstrap
from devkit.plain_settings import PlainSettingError


def main() -> int:
    """Run `devkit.project.settle` with this command's arguments; return its exit code."""
    bootstrap.prepare_environment()
    try:
        with tempfile.TemporaryDirectory(prefix="begin-") as folder:
            venv = Path(folder, "venv")
            bootstrap.make_venv(venv)
            bootstrap.sync(_uv(), venv, bootstrap.LOCK, quiet=True)
            sources = os.pathsep.join(str(package / "src") for package in bootstrap.packages())
            command = [str(venv / "bin" / "python"), "-m", "devkit.project.settle", *sys.argv[1:]]
            # The project is to hold no bytecode, and each process would compile all its imports again without any.
            environ = {**os.environ, "PYTHONPATH": sources, "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode"))}
            return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    except (bootstrap.BootstrapError, PlainSettingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _uv() -> str:
    """Return the path of uv, which `uvx` tells and pip puts beside its Python."""
    if uv := bootstrap.find_program("uv") or os.environ.get("UV"):
        return uv
    raise bootstrap.BootstrapError("uv was not found: install it, and run copier by `uvx copier`.")


if __name__ == "__main__":
    sys.exit(main())
