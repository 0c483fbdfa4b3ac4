"""How a database stands to the code, and what a process says of it."""

import logging

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from common.feature import Feature
from common.migration import COLLECTION, Migration
from common.migrations import standing as module
from common.migrations.standing import Fitness, Standing, standing
from common.mongo import Document


def feature(name: str, *migrations: str) -> Feature:
    return Feature(name, migrations=[Migration(name, each, "nowhere") for each in migrations])


def record(database: Database[Document], name: str, *, incompatible: bool = False) -> None:
    of = name.partition(".")[0]
    database[COLLECTION].insert_one({"_id": name, "feature": of, "incompatible": incompatible})


def test_an_empty_database_fits_code_without_migrations(database: Database[Document]) -> None:
    assert standing(database, [feature("note")]) == Standing()
    assert standing(database, [feature("note")]).reason == ""


def test_a_database_that_is_behind_does_not_fit(database: Database[Document]) -> None:
    record(database, "note.0001_a")
    found = standing(database, [feature("note", "0001_a", "0002_b", "0003_c")])
    assert found.behind == ("note.0002_b", "note.0003_c")
    assert found.reason == "the database is behind: note.0002_b (and 1 more) is not applied. Run `invoke db-migrate`"


def test_one_that_is_ahead_fits_unless_a_migration_says_otherwise(database: Database[Document]) -> None:
    record(database, "note.0001_a")
    old = [feature("note")]
    assert (standing(database, old).ahead, standing(database, old).reason) == (("note.0001_a",), "")
    record(database, "note.0002_b", incompatible=True)
    assert standing(database, old).reason == "the database is ahead: this version cannot run after note.0002_b"
    assert standing(database, [feature("note", "0001_a", "0002_b")]).reason == ""


def test_what_is_recorded_of_a_feature_that_was_removed_keeps_nobody_from_running(
    database: Database[Document],
) -> None:
    record(database, "gone.0001_a", incompatible=True)
    assert standing(database, [feature("note")]) == Standing(ahead=("gone.0001_a",))


def test_a_process_tells_what_changes_once(database: Database[Document], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, module.__name__)
    fitness = Fitness(lambda: database, [feature("note", "0001_a")])
    assert fitness.ask() == fitness.ask() != ""
    record(database, "note.0001_a")
    record(database, "note.0002_b")
    assert fitness.ask() == fitness.ask() == ""
    assert [line.levelname for line in caplog.records] == ["WARNING"] * 3
    assert caplog.records[2].getMessage() == "The database is ahead of this process by note.0002_b."


def test_a_process_asks_seldom_and_keeps_what_it_knew_while_the_database_is_away(
    database: Database[Document],
) -> None:
    away: MongoClient[Document] = MongoClient("127.0.0.1:1", serverSelectionTimeoutMS=100)
    places = [database]
    fitness = Fitness(lambda: places[-1], [feature("note", "0001_a")])
    reason = fitness.recent()
    assert reason.startswith("the database is behind")
    places.append(away["nothing"])
    assert [fitness.recent() for _ in range(20)] == [reason] * 20
    assert fitness.ask() == reason
    away.close()
