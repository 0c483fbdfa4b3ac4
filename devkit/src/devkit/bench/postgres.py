"""PostgreSQL for one measurement, where Debian's package of it is installed; the product itself does without."""

import os
import pwd
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit import ports
from devkit.bench.peers import output, running, wait
from devkit.terminal import CommandError

MISSING = "PostgreSQL is not installed: apt install postgresql"
_PACKAGES = Path("/usr/lib/postgresql")


def binaries(packages: Path = _PACKAGES) -> Path | None:
    """Return the folder of the newest version's programs; None where it is not installed."""
    found = [path.parent for path in packages.glob("*/bin/postgres") if (path.parent / "initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def version(programs: Path) -> str:
    """Return its version, as it tells it."""
    return output([str(programs / "postgres"), "--version"]).split()[2]


@contextmanager
def serving(programs: Path, check: Callable[[], None]) -> Iterator[str]:
    """Run a server with data that are deleted afterwards, and yield its address, with the account and its password.

    It keeps what it was given as MongoDB does here: each commit is on the disk before it is answered, by its default.
    """
    # The server refuses to run as root, and another account cannot look into root's folders.
    root = os.geteuid() == 0
    account = _account() if root else ""
    prefix = ["setpriv", "--reuid", account, "--regid", account, "--clear-groups", "--"] if root else []
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp" if root else None) as name:  # noqa: S108 - the name is new
        folder, port, secret = Path(name), ports.unused(), secrets.token_urlsafe(24)
        (folder / "password").write_text(secret, encoding="utf-8")
        if root:
            for path in (folder, folder / "password"):
                os.chown(path, pwd.getpwnam(account).pw_uid, -1)
        data = folder / "data"
        options = ["--username", "bench", "--pwfile", str(folder / "password"), "--auth", "scram-sha-256"]
        output(
            [*prefix, str(programs / "initdb"), "--pgdata", str(data), *options, "--encoding", "UTF8", "--no-locale"]
        )
        command = [*prefix, str(programs / "postgres"), "-D", str(data), "-h", ports.HOST, "-p", str(port), "-k", ""]
        with running("postgres", command, folder, os.environ) as started:
            wait(started, folder / "postgres.log", lambda: ports.is_open(port), check)
            yield f"postgresql://bench:{secret}@{ports.HOST}:{port}/postgres"


def _account() -> str:
    """Return an account other than root's. Raises CommandError where there is none."""
    names = {each.pw_name for each in pwd.getpwall()}
    found = [name for name in ("postgres", "nobody") if name in names]
    if not found:
        raise CommandError("PostgreSQL does not run as root, and there is neither an account postgres nor nobody.")
    return found[0]
