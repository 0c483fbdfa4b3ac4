"""`python -m admin backup` and `restore`, as an operator uses them."""

import hashlib
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pymongo
import pytest
from pymongo.database import Database

from common import backup_record
from common.clients import Clients
from common.mongo import Document
from testing.preloaded import Program
from testing.waiting import eventually

pytestmark = pytest.mark.integration

Start = Callable[..., AbstractContextManager["Running"]]
Admin = Callable[..., tuple[int, bytes, str]]


@dataclass
class Running:
    """A command that was started, and the files with its output and its errors."""

    program: Program
    output: Path
    errors: Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder where the commands are run."""
    made = tmp_path / "here"
    made.mkdir()
    return made


@pytest.fixture
def start(environ: dict[str, str], folder: Path, tmp_path: Path) -> Start:
    """Start the command."""
    numbers = count()

    @contextmanager
    def begin(*arguments: str, given: bytes = b"", **options: str) -> Iterator[Running]:
        told, output, errors = (tmp_path / f"{name}{next(numbers)}" for name in ("given", "output", "errors"))
        told.write_bytes(given)
        whole = {**os.environ, **environ, **options}
        program = Program(["admin", *arguments], whole, folder, output, errors=errors, given=told)
        try:
            yield Running(program, output, errors)
        finally:
            program.send_signal(signal.SIGKILL)
            program.wait(20)

    return begin


@pytest.fixture
def admin(start: Start) -> Admin:
    """Run the command; return exit code, stdout and stderr."""

    def run(*arguments: str, given: bytes = b"", **options: str) -> tuple[int, bytes, str]:
        with start(*arguments, given=given, **options) as running:
            code = running.program.wait(120)
            return code, running.output.read_bytes(), running.errors.read_text(encoding="utf-8")

    return run


@pytest.fixture
def piped(environ: dict[str, str], folder: Path) -> Admin:
    """Run the command over pipes, within this process's limits; return exit code, stdout and stderr."""

    def run(*arguments: str, given: bytes = b"") -> tuple[int, bytes, str]:
        command = [sys.executable, "-m", "admin", *arguments]
        done = subprocess.run(
            command, env={**os.environ, **environ}, cwd=folder, input=given, capture_output=True, check=False
        )
        return done.returncode, done.stdout, done.stderr.decode()

    return run


@pytest.fixture
def filled(clients: Clients) -> Database[Document]:
    """A database with reports; its connection is one of the running product."""
    clients.database["reports"].insert_many([{"_id": n, "text": os.urandom(500)} for n in range(2000)])
    return clients.database


def grow(filled: Database[Document]) -> None:
    """Add so much that a backup takes a moment; a busy disk takes longer for it than a service may wait."""
    with pymongo.timeout(120):
        filled["reports"].insert_many([{"text": os.urandom(1_000_000)} for _ in range(60)])


@pytest.mark.parametrize("given", [[], ["backups/named"]])
def test_a_backup_is_made_and_restored_with_yes(
    admin: Admin, filled: Database[Document], folder: Path, given: list[str]
) -> None:
    code, output, errors = admin("backup", *given)
    assert code == 0, errors
    [file] = (folder / "backups").iterdir()
    assert re.search(r"2,000  reports\n", errors)
    assert hashlib.sha256(file.read_bytes()).hexdigest() in output.decode()
    assert f"invoke db-restore {file}" in output.decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    filled["reports"].delete_many({})
    code, _, errors = admin("restore", str(file))
    assert code == 1
    assert "runs on it" in errors
    assert "--yes" in errors
    assert filled["reports"].count_documents({}) == 0

    code, _, errors = admin("restore", str(file), "--yes")
    assert code == 0, errors
    assert filled["reports"].count_documents({}) == 2000


def test_an_empty_unused_database_is_restored_without_asking(admin: Admin, filled: Database[Document]) -> None:
    _, backup, _ = admin("backup", "-")
    lonely = {"PROJECT": "lonely", "MONGO_DATABASE": filled.name}
    filled["reports"].drop()
    _, own, _ = admin("backup", "-", **lonely)
    assert admin("restore", "-", given=own, **lonely)[0] == 0
    code, _, errors = admin("restore", "-", given=backup, **lonely)
    assert (code, "the backup is of" in errors) == (1, True)


def test_a_backup_goes_through_pipes_too(piped: Admin, filled: Database[Document]) -> None:
    code, backup, _ = piped("backup", "-")
    assert code == 0
    filled["reports"].drop()
    assert piped("restore", "-", "--yes", given=backup)[0] == 0
    assert filled["reports"].count_documents({}) == 2000


def test_a_file_that_is_cut_short_is_refused_before_the_database_is_asked(
    admin: Admin, filled: Database[Document], folder: Path
) -> None:
    admin("backup", "whole")
    file = folder / "cut"
    file.write_bytes((folder / "whole").read_bytes()[:-1])
    # Nothing listens there; the command does not even try.
    code, _, errors = admin("restore", "cut", "--yes", MONGO_PORT="1")
    assert (code, errors) == (2, "The database was not changed.\ncut: cut short.\n")


@pytest.mark.parametrize("command", [("backup", "new"), ("restore", "whole", "--yes")])
def test_a_server_that_is_away_is_one_line(
    admin: Admin, filled: Database[Document], folder: Path, command: tuple[str, ...]
) -> None:
    admin("backup", "whole")
    code, _, errors = admin(*command, MONGO_PORT="1", MONGO_TIMEOUT="0.2")
    assert (code, len(errors.splitlines())) == (2, 1 + (command[0] == "restore")), errors
    assert "MongoDB does not answer: 127.0.0.1:1:" in errors
    assert errors.endswith(". Start it with `invoke db-up`.\n")
    assert [path.name for path in folder.iterdir()] == ["whole"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("restore", "none"), "none: No such file"),
        (("restore", "."), "Is a directory"),
        (("backup", "none/new"), "none: is no folder"),
        (("backup", "."), "is not overwritten"),
        (("backup", "/proc/new"), "/proc"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    admin: Admin, clients: Clients, command: tuple[str, ...], said: str
) -> None:
    code, _, errors = admin(*command)
    assert (code, said in errors, "Traceback" in errors) == (2, True, False), errors


def test_a_disk_that_is_full_leaves_no_file(piped: Admin, filled: Database[Document], folder: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        code, _, errors = piped("backup", "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (code, "File too large" in errors) == (2, True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_backup_that_is_interrupted_leaves_no_file(
    start: Start, filled: Database[Document], folder: Path, number: signal.Signals
) -> None:
    grow(filled)
    with start("backup", "new") as running:
        eventually(lambda: any(path.stat().st_size for path in folder.iterdir()))
        running.program.send_signal(number)
        assert running.program.wait(30) == 130
        assert running.errors.read_text(encoding="utf-8") == "interrupted\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_restore_that_is_interrupted_changes_nothing(
    start: Start, admin: Admin, filled: Database[Document], number: signal.Signals
) -> None:
    grow(filled)
    admin("backup", "whole")
    filled["reports"].delete_many({"_id": {"$gte": 1000}})
    with start("restore", "whole", "--yes") as running:
        eventually(lambda: filled["restoring.reports"].estimated_document_count())
        running.program.send_signal(number)
        assert running.program.wait(30) == 130
        assert running.errors.read_text(encoding="utf-8").endswith("The database was not changed.\ninterrupted\n")
    assert set(filled.list_collection_names()) == {"reports", backup_record.COLLECTION}
    assert filled["reports"].count_documents({}) == 1060


def series(folder: Path, database: str, *days: int) -> list[Path]:
    """Give the only backup of the series the names of some days of January 2020.

    It keeps none of its own: names are told apart by seconds, and the next backup may be made within the same one.
    """
    [made] = (folder / "backups").glob("*.bson.gz")
    older = [made.with_name(f"{database}-202001{day:02}T000000Z.bson.gz") for day in days]
    for path in older:
        shutil.copy(made, path)
    made.unlink()
    return older


def test_the_newest_backups_are_kept_and_a_named_one_too(
    admin: Admin, filled: Database[Document], folder: Path
) -> None:
    assert admin("backup")[0] == 0
    [first] = (folder / "backups").iterdir()
    shutil.copy(first, folder / "backups" / "before-the-change")
    *older, _ = series(folder, filled.name, 1, 2, 3)
    code, output, errors = admin("backup", "--keep", "2")
    assert code == 0, errors
    names = sorted(path.name for path in (folder / "backups").iterdir())
    new = Path(output.decode().splitlines()[0]).name
    assert names == sorted(["before-the-change", f"{filled.name}-20200103T000000Z.bson.gz", new])
    assert [line for line in errors.splitlines() if line.startswith("removed")] == [
        f"removed {path}" for path in reversed(older)
    ]


def test_a_backup_that_fails_removes_none(admin: Admin, filled: Database[Document], folder: Path) -> None:
    admin("backup")
    kept = series(folder, filled.name, 1, 2, 3)
    assert admin("backup", "--keep", "1", MONGO_PORT="1", MONGO_TIMEOUT="0.2")[0] == 2
    filled.create_collection("odd", capped=True, size=4096)
    code, _, errors = admin("backup", "--keep", "1")
    assert (code, "odd is capped" in errors) == (2, True), errors
    assert set((folder / "backups").iterdir()) == set(kept)


@pytest.mark.parametrize("keep", ["0", "-1", "some"])
def test_to_keep_none_is_refused(admin: Admin, folder: Path, keep: str) -> None:
    code, _, errors = admin("backup", f"--keep={keep}")
    assert (code, "--keep" in errors, list(folder.iterdir())) == (2, True, []), errors


@pytest.mark.parametrize("option", ["--keep", "--every"])
def test_a_name_and_a_series_are_two_things(admin: Admin, folder: Path, option: str) -> None:
    code, _, errors = admin("backup", "named", option, "1")
    assert (code, "leave the name out" in errors, list(folder.iterdir())) == (2, True, []), errors


def test_the_last_backup_is_recorded_and_one_in_a_pipe_is_not(
    admin: Admin, filled: Database[Document], folder: Path
) -> None:
    """Who knows what a pipe leads to?"""
    admin("backup", "-")
    assert backup_record.read(filled) is None
    admin("backup", "named")
    record = backup_record.read(filled)
    assert record is not None
    assert (record.size, record.documents) == ((folder / "named").stat().st_size, 2000)
    assert datetime.now(UTC) - record.completed < timedelta(minutes=2)


def test_an_account_that_only_reads_makes_a_backup_that_is_not_recorded(
    admin: Admin, filled: Database[Document], folder: Path
) -> None:
    accounts, roles = filled.client.admin, [{"role": "read", "db": filled.name}]
    accounts.command("createUser", filled.name, pwd="word", roles=roles)
    try:
        code, _, errors = admin("backup", "named", MONGO_USER=filled.name, MONGO_PASSWORD="word")
    finally:
        accounts.command("dropUser", filled.name)
    assert (code, "could not be recorded for the metrics" in errors) == (0, True), errors
    assert (folder / "named").exists()


def test_a_backup_is_made_again_and_again_until_it_is_stopped(
    start: Start, filled: Database[Document], folder: Path
) -> None:
    def made() -> int:
        return len(list((folder / "backups").glob("*.bson.gz")))

    with start("backup", "--every", "2", "--keep", "2") as running:
        eventually(lambda: made() == 2, seconds=60)
        first = backup_record.read(filled)
        eventually(lambda: backup_record.read(filled) != first, seconds=60)
        eventually(lambda: made() == 2)
        running.program.send_signal(signal.SIGTERM)
        assert running.program.wait(30) == 130


def test_a_backup_that_is_new_enough_is_waited_for(
    start: Start, admin: Admin, filled: Database[Document], folder: Path
) -> None:
    """What starts it again, such as an upgrade, makes no backup each time."""
    admin("backup")
    with start("backup", "--every", "3600") as running:
        time.sleep(3)
        assert len(list((folder / "backups").iterdir())) == 1
        running.program.send_signal(signal.SIGTERM)
        assert running.program.wait(30) == 130
