"""The commands `backup` and `restore` of `python -m worker.admin`."""

import hashlib
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from common.backup.archive import Header, Reader
from common.backup.files import new_file
from common.backup.restore import load, obstacles, swap
from common.backup.save import save
from common.config import Settings
from common.mongo import connect
from worker.progress import Progress, say

# Instead of a file's name: standard output or input.
STREAM = "-"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def backup(settings: Settings, file: str) -> int:
    """Saves the database in a file that is not there yet, without a name in one in `backups/`; answers the exit code.

    Raises BackupError, OSError and PyMongoError.
    """
    _end_in_order()
    path = _new_path(settings, file)
    target: AbstractContextManager[IO[bytes]] = nullcontext(sys.stdout.buffer) if file == STREAM else new_file(path)
    progress = Progress("saved")
    with connect(settings, task="backup") as client, target as stream:
        counts = save(client[settings.mongo_database], settings, stream, progress.add)
    _tell(counts, progress)
    if file != STREAM:
        print(_description(path))  # noqa: T201 - a command speaks by printing
    return 0


def restore(settings: Settings, file: str, *, yes: bool) -> int:
    """Puts a backup in the place of the database; exit code 1 when a person has to decide first.

    The whole file is verified before the database is asked anything. Raises BackupError, OSError and PyMongoError.
    """
    _end_in_order()
    progress = Progress("restored")
    with connect(settings, task="restore") as client:
        database = client[settings.mongo_database]
        with _telling_that_nothing_changed(), _source(file) as stream:
            header = _verified(stream)
            reasons = obstacles(database, settings, header)
            for reason in reasons:
                say(f"note: {reason}")
            if reasons and not yes:
                say("To replace the database all the same, repeat with --yes. Nothing was changed.")
                return 1
            reader = Reader(stream)
            counts = load(database, reader, progress.add)
        with _undisturbed():
            swap(database, reader.header)
    _tell(counts, progress)
    say(f"The database {database.name} is as it was at {header.created:%Y-%m-%d %H:%M:%S} UTC.")
    return 0


def _new_path(settings: Settings, file: str) -> Path:
    folder = Path("backups").resolve()
    default = folder / f"{settings.mongo_database}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.bson.gz"
    path = Path(file).resolve() if file else default
    # Its own folder is made; another one that is missing is rather a slip of the pen.
    if path.parent == folder:
        folder.mkdir(mode=0o700, exist_ok=True)
    return path


@contextmanager
def _source(file: str) -> Iterator[IO[bytes]]:
    """A stream that can be read twice; what comes by standard input is kept in a temporary file for that."""
    if file != STREAM:
        with Path(file).open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield copy


def _verified(stream: IO[bytes]) -> Header:
    reader = Reader(stream)
    reader.verify()
    stream.seek(0)
    return reader.header


def _tell(counts: Mapping[str, int], progress: Progress) -> None:
    for name, count in counts.items():
        say(f"{count:>12,}  {name}")
    say(str(progress))


def _description(path: Path) -> str:
    with path.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    size = f"{path.stat().st_size / 1e6:,.1f} MB"
    return f"{path}\n{size}, sha256 {checksum}\nto restore it: invoke db-restore {shlex.quote(str(path))}"


def _end_in_order() -> None:
    """What asks this program to end is like Ctrl-C, so that what is half done is removed."""
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def _telling_that_nothing_changed() -> Iterator[None]:
    try:
        yield
    except BaseException:
        say("The database was not changed.")
        raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C does nothing here: the block is short, and half of it is worse than all of it."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
