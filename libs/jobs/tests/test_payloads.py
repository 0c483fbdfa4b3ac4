"""Large payloads lie beside their jobs, as long as their jobs stand, and no longer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import bson
import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from common.mongo import Document
from jobs.model import JobKind, new_job
from jobs.payloads import LARGE, STEP
from jobs.store import JobStore
from testing.documents import stored

from .conftest import ClaimJob, JobField, TryClaim

LONG = {"values": [0.5] * 3000}
SHORT = {"values": [0.5] * 3}


class Accept(Protocol):
    """What the fixture `accept` is."""

    def __call__(self, job_id: str = "a", payload: Mapping[str, Any] = LONG) -> Document: ...


@pytest.fixture
def accept(store: JobStore, kind: JobKind) -> Accept:
    def insert(job_id: str = "a", payload: Mapping[str, Any] = LONG) -> Document:
        return store.insert({"_id": job_id, "job": new_job(kind, request_id="request")}, payload)

    return insert


@pytest.fixture
def payloads(database: Database[Document]) -> Collection[Document]:
    return database["things.payloads"]


def test_a_small_payload_stays_inside_and_its_kind_pays_nothing(
    accept: Accept, claim: ClaimJob, store: JobStore, database: Database[Document]
) -> None:
    assert accept(payload=SHORT)["values"] == [0.5] * 3
    assert claim().document["values"] == [0.5] * 3
    assert store.remove_orphans(None) is None
    assert database.list_collection_names() == ["things"]


def test_a_large_payload_lies_under_the_jobs_id_and_reaches_the_worker(
    accept: Accept, claim: ClaimJob, store: JobStore, database: Database[Document], payloads: Collection[Document]
) -> None:
    assert "values" not in accept()
    assert stored(payloads, "a")["payload"] == LONG
    assert len(bson.encode(stored(database["things"]))) < 1000
    held = claim()
    assert held.document["values"] == LONG["values"]
    assert store.renew(held, progress=0.5)
    assert store.finish(held, {"effect": 1})
    assert stored(database["things"])["effect"] == 1


@pytest.mark.parametrize("size", [LARGE - 100, LARGE + 100])
def test_the_size_decides_where_it_lies(
    accept: Accept, claim: ClaimJob, payloads: Collection[Document], size: int
) -> None:
    accept(payload={"text": "x" * size})
    assert payloads.count_documents({}) == (size > LARGE)
    assert claim().document["text"] == "x" * size


def test_a_job_keeps_its_payload_for_weeks_whatever_its_state(
    accept: Accept, claim: ClaimJob, store: JobStore, payloads: Collection[Document], database: Database[Document]
) -> None:
    for job_id in ("pending", "failed", "running", "cancelled"):
        accept(job_id)
    store.fail(claim("failed"), "never")
    claim("running")
    store.cancel("cancelled")
    payloads.update_many({}, {"$set": {"at": datetime.now(UTC) - timedelta(days=90)}})
    assert store.remove_orphans(None) is None
    assert payloads.count_documents({}) == 4
    assert [each["key"] for each in payloads.list_indexes()] == [{"_id": 1}], "nothing here has a lifetime"
    store.reopen("failed")
    assert claim("failed").document["values"] == LONG["values"]


def test_old_payloads_without_a_job_are_removed_step_by_step(
    accept: Accept, store: JobStore, payloads: Collection[Document]
) -> None:
    old = datetime.now(UTC) - timedelta(minutes=61)
    accept("c1")
    payloads.insert_many({"_id": f"b{number:04}", "payload": {}, "at": old} for number in range(STEP + 50))
    payloads.insert_one({"_id": "a-young", "payload": {}, "at": datetime.now(UTC) - timedelta(minutes=59)})
    payloads.update_one({"_id": "c1"}, {"$set": {"at": old}})
    position = store.remove_orphans(None)
    assert position == f"b{STEP - 2:04}"
    assert payloads.count_documents({}) == 2 + STEP + 50 - (STEP - 1)
    assert store.remove_orphans(position) is None
    assert sorted(payloads.distinct("_id")) == ["a-young", "c1"]


def test_who_removes_a_job_removes_its_payload(
    accept: Accept, claim: ClaimJob, store: JobStore, payloads: Collection[Document], kind: JobKind
) -> None:
    for job_id in ("gone", "live", "done", "young"):
        accept(job_id)
    for job_id in ("gone", "done", "young"):
        store.finish(claim(job_id), {})
    assert store.remove("gone")
    assert not store.remove("live")
    long_ago = datetime.now(UTC) - timedelta(days=31)
    store._collection.update_one({"_id": "done"}, {"$set": {"job.finished_at": long_ago}})
    assert store.purge(kind.name, timedelta(days=30)) == 1
    assert sorted(payloads.distinct("_id")) == ["live", "young"]


def test_many_jobs_are_purged_in_batches(store: JobStore, kind: JobKind, database: Database[Document]) -> None:
    job = {
        **new_job(kind, request_id="request"),
        "state": "done",
        "finished_at": datetime.now(UTC) - timedelta(days=31),
    }
    del job["notify_at"], job["not_before"]
    database["things"].insert_many({"_id": f"job{number}", "job": job} for number in range(950))
    assert store.purge("another.work", timedelta(days=30)) == 0
    assert store.purge(kind.name, timedelta(days=30)) == 950


def test_a_job_whose_payload_is_gone_fails_and_says_so(
    accept: Accept, try_claim: TryClaim, payloads: Collection[Document], job: JobField, caplog: pytest.LogCaptureFixture
) -> None:
    accept()
    payloads.delete_many({})
    assert try_claim() is None
    assert (job()["state"], job()["error"]) == ("failed", "its payload is gone")
    assert "test.work a has lost its payload" in caplog.text


def test_a_hundred_thousand_values_come_back_as_they_were(accept: Accept, claim: ClaimJob) -> None:
    values = [number / 7 for number in range(100_000)]
    accept(payload={"values": values})
    assert claim().document["values"] == values
