"""The command `rehearse`."""

import argparse
from typing import IO

from admin.backup.archive import BackupError, Reader
from admin.backup.files import readable
from admin.backup.rehearse import rehearse, trial_name
from admin.backup.series import backups, folder
from admin.commands import Parsers
from admin.database import on_database
from admin.output import CommandError, print_text, say
from admin.progress import Progress
from admin.signals import interrupt_on_signals
from common.config import Settings
from common.mongo import connect


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("rehearse", help="restore a backup into another database, compare it, and drop it")
    parser.add_argument("file", nargs="?", default="", help="a backup, or - for standard input; the newest unless told")
    parser.set_defaults(run=on_database(run))


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Rehearse the restore of a backup; return 1 when it is damaged, and say which collection is.

    Raises BackupError when there is nothing to rehearse or no place for it, OSError and PyMongoError.
    """
    interrupt_on_signals()
    options.file = options.file or _newest(settings)
    progress = Progress("restored and compared")
    with connect(settings, task="rehearse") as client, readable(options.file) as stream:
        database = client[settings.mongo_database]
        # Before the file is read, which may take minutes.
        trial = trial_name(database.name)
        if not _is_whole(stream, options.file):
            return 1
        reader = Reader(stream)
        wrong = rehearse(database, reader, progress.add)
    say(str(progress))
    for difference in wrong:
        say(f"{options.file}: restored in {trial}, {difference}.")
    if wrong:
        return 1
    for name, count in reader.counts.items():
        say(f"{count:>12,}  {name}")
    print_text(f"{options.file}\nis whole: it was restored in {trial}, compared, and dropped there.")
    return 0


def _newest(settings: Settings) -> str:
    if not (found := backups(settings)):
        raise CommandError(
            f"there is no backup of {settings.mongo_database} in {folder()}: `invoke db-backup` makes one; or name one."
        )
    return str(found[0])


def _is_whole(stream: IO[bytes], file: str) -> bool:
    """Return whether a backup is as it was written, and say what is damaged in one that is not."""
    reader = None
    try:
        reader = Reader(stream)
        reader.verify()
    except BackupError as error:
        say(f"{file}: {error} {reader.place if reader else ''}".rstrip())
        return False
    if not reader.has_checksums:
        say("note: a former version made it, with a checksum of the whole but none of each collection to compare.")
    stream.seek(0)
    return True
