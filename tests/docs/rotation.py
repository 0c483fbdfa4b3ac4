"""The documented rotation of passwords, typed with a stand-in for `docker exec` that notes every command line.

The nox session `docker` runs the block in real containers. MongoDB's shell, which exists in containers only, is noted.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .blocks import ROOT, blocks

DOCKER = f"""#!{sys.executable}
import json, os, sys
words = sys.argv[1:]
with open(os.environ["NOTED"], "a") as noted:
    noted.write(json.dumps([words, os.environ.get("NEW", "")]) + "\\n")
"""


@dataclass
class Rotation:
    """What the block did: the secrets before and after, and each command line with the password that it was handed."""

    settings: Path
    old: dict[str, str]
    new: dict[str, str]
    calls: list[tuple[list[str], str]]
    said: str

    def check(self) -> None:
        """Fail unless each server got a password of its own, which no command line and no output shows."""
        fresh = {self.new[name] for name in self.old}
        assert len(fresh | set(self.old.values())) == 2 * len(self.old)
        assert self.new["SECRET_KEY"] == "kept"
        assert self.settings.stat().st_mode & 0o077 == 0
        assert not any(secret in word for words, _ in self.calls for word in words for secret in fresh)
        assert [given for words, given in self.calls if "mongosh" in words] == [self.new["MONGO_ADMIN_PASSWORD"]]
        assert not any(secret in self.said for secret in fresh)


def rotate(folder: Path, old: Mapping[str, str]) -> Rotation:
    """Type the block in a folder whose `.env.local` holds secrets."""
    (block,) = [each for each in blocks("docs/operations.md") if "changeUserPassword" in each.text]
    programs, noted, settings = folder / "bin", folder / "noted", folder / ".env.local"
    _write_programs(programs)
    shutil.copy(ROOT / ".env", folder)
    settings.write_text("".join(f"{name}={value}\n" for name, value in old.items()) + "SECRET_KEY=kept\n")
    settings.chmod(0o600)
    done = subprocess.run(
        [str(shutil.which("bash")), "-ec", block.text],
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NOTED": str(noted)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    new = dict(line.split("=", 1) for line in settings.read_text().splitlines())
    calls = [json.loads(line) for line in noted.read_text().splitlines()]
    return Rotation(settings, dict(old), new, calls, done.stdout + done.stderr)


def _write_programs(folder: Path) -> None:
    """Write `docker` and `invoke`."""
    folder.mkdir()
    # What `invoke install` does with secrets that are missing; `invoke up` has nothing to start here.
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from devkit import local_secrets"
    code += "; local_secrets.complete(Path('.env.local'))"
    (folder / "invoke").write_text(f'#!/bin/sh\n[ "$1" != install ] || exec {sys.executable} -c "{code}" {ROOT}\n')
    (folder / "docker").write_text(DOCKER)
    for program in folder.iterdir():
        program.chmod(0o755)
