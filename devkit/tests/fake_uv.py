"""Stands in for uv: notes how it was called, makes an environment of one link, and fails when told to."""

import json
import os
import shlex
import sys
from pathlib import Path

CALLS = Path(os.environ["FAKE_UV_CALLS"])


def main(arguments: list[str]) -> int:
    with CALLS.open("a") as stream:
        stream.write(json.dumps({"arguments": arguments, "index": os.environ.get("UV_DEFAULT_INDEX", "")}) + "\n")
    if " ".join(arguments[:2]) == os.environ.get("FAKE_UV_FAILS"):
        return 1
    if arguments[:2] == ["python", "find"]:
        print(os.environ["FAKE_UV_FINDS"])
    if arguments[0] == "venv":
        folder = Path(arguments[-1])
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        python = folder / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)
        (folder / "lib/python3.12/site-packages").mkdir(parents=True, exist_ok=True)
        (folder / "pyvenv.cfg").write_text("version_info = 3.12.1\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
