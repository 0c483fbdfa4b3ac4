"""What is remembered beside a server's data: the process that runs on it, and with which credentials it was made."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from devkit.private_files import write_private
from devkit.process import Process


@dataclass(frozen=True)
class State:
    """The processes of a running server, its own first, then helpers, and where it listens."""

    processes: tuple[Process, ...]
    port: int
    version: str
    since: str
    # Whether it takes encrypted connections, and no others.
    encrypted: bool = False

    @property
    def main(self) -> Process:
        """The server itself."""
        return self.processes[0]


def load(folder: Path) -> State | None:
    """Return what was remembered, or None; an unreadable file counts as nothing remembered."""
    try:
        raw = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        processes = tuple(Process(int(known["pid"]), float(known["started"])) for known in raw["processes"])
        return State(processes, raw["port"], raw["version"], raw["since"], bool(raw.get("encrypted")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, state: State) -> None:
    """Remember a state; a reader sees the old or the new one, never half of it."""
    write_private(folder / "state.json", json.dumps(asdict(state), indent=2) + "\n")


def forget(folder: Path) -> None:
    """Remember that nothing runs."""
    (folder / "state.json").unlink(missing_ok=True)


def remember_origin(folder: Path, user: str, credentials: str, version: str) -> None:
    """Keep beside the data what opens them: the server's version, the account, and a salted fingerprint of all of it.

    It is enough to recognise the credentials, not to learn them.
    """
    salt = secrets.token_hex(16)
    origin = {"version": version, "user": user, "salt": salt, "digest": _digest(credentials, salt)}
    write_private(folder / "origin.json", json.dumps(origin) + "\n")


def same_credentials(folder: Path, credentials: str) -> bool:
    """Return whether the data were made with these credentials; true when there are no data yet."""
    try:
        known = json.loads((folder / "origin.json").read_text(encoding="utf-8"))
        return secrets.compare_digest(known["digest"], _digest(credentials, known["salt"]))
    except FileNotFoundError:
        return True
    except (ValueError, KeyError, TypeError):
        return False


def last_version(folder: Path) -> str:
    """Return the version of the server that used the data last; empty when it is not known."""
    return _origin(folder, "version")


def last_user(folder: Path) -> str:
    """Return the account that used the data last; empty when it is not known."""
    return _origin(folder, "user")


def _origin(folder: Path, key: str) -> str:
    try:
        return str(json.loads((folder / "origin.json").read_text(encoding="utf-8"))[key])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _digest(credentials: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", credentials.encode(), bytes.fromhex(salt), 10_000).hex()
