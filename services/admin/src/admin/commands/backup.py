"""The commands `backup` and `restore`."""

import argparse
import hashlib
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pymongo
from pymongo.database import Database
from pymongo.errors import PyMongoError

from admin.backup.archive import Header, Reader
from admin.backup.files import STREAM, new_file, readable
from admin.backup.restore import load, obstacles, swap
from admin.backup.save import save
from admin.backup.series import folder, new_path, newest_time, remove_old
from admin.commands import Parsers
from admin.database import on_database
from admin.output import CommandError, print_text, say
from admin.progress import Progress
from admin.signals import interrupt_on_signals, signals_ignored
from common import backup_record
from common.backup_record import BackupRecord
from common.config import Settings
from common.mongo import Document, connect


def add_parsers(parsers: Parsers) -> None:
    """Add the two commands."""
    saving = parsers.add_parser("backup", help="save the database, as it is at one moment, in one file")
    saving.add_argument("file", nargs="?", default="", help="a new file, or - for standard output")
    saving.set_defaults(run=on_database(backup))
    saving.add_argument("--keep", type=_positive, default=0, help="remove all but so many of the newest in backups/")
    saving.add_argument(
        "--every", type=_positive, default=0, help="go on: make one when the newest is so old, in seconds"
    )
    restoring = parsers.add_parser("restore", help="replace the database with the content of a backup")
    restoring.add_argument("file", help="a backup, or - for standard input")
    restoring.add_argument("--yes", action="store_true", help="also a database that is in use or not empty")
    restoring.set_defaults(run=on_database(restore))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Save the database in a new file; without a name, in one in `backups/`.

    Raises BackupError, OSError and PyMongoError.
    """
    interrupt_on_signals()
    if options.file and (options.keep or options.every):
        raise CommandError("--keep and --every are for backups that are named after their time: leave the name out.")
    if not options.every:
        _back_up(options, settings)
        return 0
    while True:
        _wait(settings, options.every)
        _back_up(options, settings)


def _back_up(options: argparse.Namespace, settings: Settings) -> None:
    progress = Progress("saved")
    with connect(settings, task="backup") as client:
        database = client[settings.mongo_database]
        if options.file == STREAM:
            _say_counts(save(database, settings, sys.stdout.buffer, progress.add), progress)
            return
        path = _path(settings, options.file)
        with new_file(path) as stream:
            counts = save(database, settings, stream, progress.add)
        _record(database, settings, path, sum(counts.values()))
    _say_counts(counts, progress)
    print_text(_description(path))
    if options.keep:
        for old in remove_old(settings, keep=options.keep, made=path):
            say(f"removed {old}")


def _path(settings: Settings, file: str) -> Path:
    path = Path(file).resolve() if file else new_path(settings)
    # Only this folder is made; another one that is missing is probably misspelt.
    if path.parent == folder():
        folder().mkdir(mode=0o700, exist_ok=True)
    return path


def _record(database: Database[Document], settings: Settings, path: Path, documents: int) -> None:
    """Record the backup for the metrics; it is as good when it cannot be, such as by an account that only reads."""
    try:
        with pymongo.timeout(settings.mongo_timeout):
            record = BackupRecord(completed=datetime.now(UTC), size=path.stat().st_size, documents=documents)
            backup_record.write(database, record)
    except PyMongoError as error:
        say(f"note: the backup is made, but it could not be recorded for the metrics ({type(error).__name__}).")


def _wait(settings: Settings, seconds: int) -> None:
    """Return when the newest backup of the series is that old, or there is none."""
    while (newest := newest_time(settings)) is not None:
        left = seconds - (datetime.now(UTC) - newest).total_seconds()
        # One of the future was made before the clock was set back.
        if not 0 < left <= seconds:
            return
        # In short pieces, because a sleep is longer than it says when the machine was suspended.
        time.sleep(min(left, 60))


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Replace the database with the content of a backup; return 1 when an operator has to decide first.

    The whole file is verified before the database is used. Raises BackupError, OSError and PyMongoError.
    """
    interrupt_on_signals()
    progress = Progress("restored")
    with connect(settings, task="restore") as client:
        database = client[settings.mongo_database]
        with _saying_that_nothing_changed(), readable(options.file) as stream:
            header = _verified(stream)
            reasons = obstacles(database, settings, header)
            for reason in reasons:
                say(f"note: {reason}")
            if reasons and not options.yes:
                say("To replace the database all the same, repeat with --yes. Nothing was changed.")
                return 1
            reader = Reader(stream)
            counts = load(database, reader, progress.add)
        with signals_ignored():
            swap(database, reader.header)
    _say_counts(counts, progress)
    say(f"The database {database.name} is as it was at {header.created:%Y-%m-%d %H:%M:%S} UTC.")
    return 0


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


@contextmanager
def _saying_that_nothing_changed() -> Iterator[None]:
    try:
        yield
    except BaseException:
        say("The database was not changed.")
        raise
