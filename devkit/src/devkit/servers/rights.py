"""What the services may do in MongoDB, computed by the product's own code, in a process of its own.

That code may have changed since this process began, and this one imports no service. What it said is kept beside the
data, with a digest of the code, for it takes a second to ask.
"""

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devkit import ROOT
from devkit.private_files import write_private
from devkit.terminal import CommandError

# The actions by the names of collections, and these by the names of services.
Rights = Mapping[str, Mapping[str, Sequence[str]]]
# What declares collections, and what puts the declarations together.
_CODE = ("libs/*/src/**/*.py", "services/admin/src/admin/*.py", "services/admin/src/admin/extensions/*.py")


class RightsQuestion:
    """Asks the product's code by a Python that has it; RIGHTS_APP replaces what is asked, for measuring others."""

    def __init__(self, python: str, environ: Mapping[str, str], cache: Path | None = None) -> None:
        self._environ, self._cache = environ, cache
        program = environ.get("RIGHTS_APP", "admin.rights")
        self._command = (python, "-m", program)
        self._digest = _digest(program)
        self._answer: Rights | None = _kept(cache, self._digest) if cache else None
        self._asking: subprocess.Popen[str] | None = None

    @property
    def is_known(self) -> bool:
        """Whether the answer is there, without asking."""
        return self._answer is not None

    def begin(self) -> None:
        """Ask, unless the answer is known, and wait for nothing."""
        if self._answer is None and self._asking is None:
            self._asking = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

    def give_up(self) -> None:
        """End what was asked and not answered."""
        if self._asking is not None:
            self._asking.kill()
            self._asking.communicate()
            self._asking = None

    def answer(self) -> Rights:
        """Return the answer. Raises CommandError when the code cannot tell, such as for a feature with a mistake."""
        self.begin()
        if self._answer is None and self._asking is not None:
            told, errors = self._asking.communicate()
            code, self._asking = self._asking.returncode, None
            if code != 0:
                reason = errors.strip().splitlines()[-1:] or ["it said nothing"]
                raise CommandError(f"mongo: the code does not tell what the services may do: {reason[0]}")
            self._answer = json.loads(told)
            if self._cache:
                write_private(self._cache, json.dumps({"digest": self._digest, "rights": self._answer}) + "\n")
        return self._answer or {}


def _kept(cache: Path, digest: str) -> Rights | None:
    try:
        kept = json.loads(cache.read_text(encoding="utf-8"))
        rights: Rights | None = kept["rights"] if kept["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rights


def _digest(program: str) -> str:
    digest = hashlib.sha256(program.encode())
    for path in sorted(path for pattern in _CODE for path in ROOT.glob(pattern)):
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()
