"""The series of backups in `backups/`: those that are named after their database and their time."""

import fcntl
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from admin.backup.archive import BackupError, Reader
from common.config import Settings

_TIME = "%Y%m%dT%H%M%SZ"


def folder() -> Path:
    """Return where the series lies, beside the settings that are read."""
    return Path("backups").resolve()


def new_path(settings: Settings) -> Path:
    """Return the name of a backup that begins now."""
    return folder() / f"{settings.mongo_database}-{datetime.now(UTC):{_TIME}}.bson.gz"


def backups(settings: Settings) -> list[Path]:
    """Return the backups of this product's database in the series, the newest first.

    A file counts when its name and its header say so: a person's file of such a name is neither used nor removed.
    """
    dated = [(time, path) for path in folder().glob("*.bson.gz") if (time := _time(path, settings))]
    return [path for _, path in sorted(dated, reverse=True) if _is_of(path, settings)]


def newest_time(settings: Settings) -> datetime | None:
    """Return when the newest backup in the series was begun; None when there is none."""
    return next((_time(path, settings) for path in backups(settings)), None)


def remove_old(settings: Settings, *, keep: int, made: Path) -> Iterator[Path]:
    """Remove all backups of the series but the newest ones, and yield each that is gone.

    The one that was just made is always among those that stay, also when the clock was set back. What a killed backup
    has left is removed too. Raises OSError.
    """
    others = [path for path in backups(settings) if path != made]
    for path in (*others[max(keep, 1) - 1 :], *_left_behind(settings)):
        path.unlink(missing_ok=True)
        yield path


def _left_behind(settings: Settings) -> Iterator[Path]:
    """Yield the unfinished files that no process writes any more; one that is being written is locked."""
    pattern = rf"\.{re.escape(settings.mongo_database)}-\d{{8}}T\d{{6}}Z\.bson\.gz\..+\.part"
    for part in folder().glob(".*.part"):
        if not re.fullmatch(pattern, part.name):
            continue
        with part.open("rb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
        yield part


def _time(path: Path, settings: Settings) -> datetime | None:
    found = re.fullmatch(rf"{re.escape(settings.mongo_database)}-(\d{{8}}T\d{{6}}Z)\.bson\.gz", path.name)
    try:
        return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _is_of(path: Path, settings: Settings) -> bool:
    try:
        with path.open("rb") as stream:
            header = Reader(stream).header
    except (BackupError, OSError):
        return False
    return (header.project, header.database) == (settings.project, settings.mongo_database)
