"""The commands `backup` and `restore`."""

import argparse
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

from admin.backup.archive import Header, Reader
from admin.backup.files import new_file
from admin.backup.restore import load, obstacles, swap
from admin.backup.save import save
from admin.commands import Parsers
from admin.database import on_database
from admin.output import print_text, say
from admin.progress import Progress
from common.config import Settings
from common.mongo import connect

# In place of a file name: standard output or input.
STREAM = "-"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def add_parsers(parsers: Parsers) -> None:
    """Add the two commands."""
    saving = parsers.add_parser("backup", help="save the database, as it is at one moment, in one file")
    saving.add_argument("file", nargs="?", default="", help="a new file, or - for standard output")
    saving.set_defaults(run=on_database(backup))
    restoring = parsers.add_parser("restore", help="replace the database with the content of a backup")
    restoring.add_argument("file", help="a backup, or - for standard input")
    restoring.add_argument("--yes", action="store_true", help="also a database that is in use or not empty")
    restoring.set_defaults(run=on_database(restore))


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Save the database in a new file; without a name, in one in `backups/`.

    Raises BackupError, OSError and PyMongoError.
    """
    _interrupt_on_signals()
    path = _new_path(settings, options.file)
    to_stream = options.file == STREAM
    target: AbstractContextManager[IO[bytes]] = nullcontext(sys.stdout.buffer) if to_stream else new_file(path)
    progress = Progress("saved")
    with connect(settings, task="backup") as client, target as stream:
        counts = save(client[settings.mongo_database], settings, stream, progress.add)
    _say_counts(counts, progress)
    if not to_stream:
        print_text(_description(path))
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Replace the database with the content of a backup; return 1 when an operator has to decide first.

    The whole file is verified before the database is used. Raises BackupError, OSError and PyMongoError.
    """
    _interrupt_on_signals()
    progress = Progress("restored")
    with connect(settings, task="restore") as client:
        database = client[settings.mongo_database]
        with _saying_that_nothing_changed(), _source(options.file) as stream:
            header = _verified(stream)
            reasons = obstacles(database, settings, header)
            for reason in reasons:
                say(f"note: {reason}")
            if reasons and not options.yes:
                say("To replace the database all the same, repeat with --yes. Nothing was changed.")
                return 1
            reader = Reader(stream)
            counts = load(database, reader, progress.add)
        with _signals_ignored():
            swap(database, reader.header)
    _say_counts(counts, progress)
    say(f"The database {database.name} is as it was at {header.created:%Y-%m-%d %H:%M:%S} UTC.")
    return 0


def _new_path(settings: Settings, file: str) -> Path:
    folder = Path("backups").resolve()
    default = folder / f"{settings.mongo_database}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.bson.gz"
    path = Path(file).resolve() if file else default
    # Only this folder is made; another one that is missing is probably misspelt.
    if path.parent == folder:
        folder.mkdir(mode=0o700, exist_ok=True)
    return path


@contextmanager
def _source(file: str) -> Iterator[IO[bytes]]:
    """Yield a stream that can be read twice; standard input is copied to a temporary file for that."""
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


def _say_counts(counts: Mapping[str, int], progress: Progress) -> None:
    for name, count in counts.items():
        say(f"{count:>12,}  {name}")
    say(str(progress))


def _description(path: Path) -> str:
    with path.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    size = f"{path.stat().st_size / 1e6:,.1f} MB"
    return f"{path}\n{size}, sha256 {checksum}\nto restore it: invoke db-restore {shlex.quote(str(path))}"


def _interrupt_on_signals() -> None:
    """Treat SIGTERM like Ctrl-C, so that unfinished files and collections are removed."""
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def _saying_that_nothing_changed() -> Iterator[None]:
    try:
        yield
    except BaseException:
        say("The database was not changed.")
        raise


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM: the block is short, and stopping in the middle is worse than finishing."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
