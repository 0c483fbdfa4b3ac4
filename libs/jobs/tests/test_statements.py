"""Each recurring statement reads what it changes and a constant, on 10^5 jobs; `pytest -rP` shows how much that is.

The statements are those that the product sends: a step that begins to read more fails here, without a word of ours.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database

from common.config import Settings
from common.mongo import CollectionSpec, Document, apply_indexes
from jobs import keys
from jobs.accept import accept, accepted_before
from jobs.batches import BATCH
from jobs.keys import UniqueKey
from jobs.lookup import Wanted, find_job, find_jobs
from jobs.model import Claim, JobKind, JobPolicy, JobState, job_indexes, new_job
from jobs.payloads import LARGE, STEP
from jobs.stats import COUNTED, job_stats
from jobs.store import JobRef, JobStore
from jobs.ticks import Schedule, Ticker, tick
from testing.fixtures import drop
from testing.servers import MARK, Servers
from testing.statements import Read, explained

KIND = JobKind("test.work", "things")
POLICY = JobPolicy(lease=30, max_attempts=3)
HOUR = timedelta(hours=1)
# How many jobs stand in each state; all that are live are due, and half of the pending ones wait for another attempt.
NUMBERS = {"pending": 100_000, "running": 5_000, "failed": 20_000, "done": 20_000}
# Jobs that one owner holds, and that one of its processes holds.
HELD, OF_PROCESS = 8, 2
_ids = count()


def new_id() -> str:
    return f"new{next(_ids)}"


def _job(number: int, state: str, now: datetime) -> dict[str, Any]:
    at = now - HOUR - timedelta(seconds=number)
    job = {**new_job(KIND, request_id="request"), "state": state, "notify_at": at, "created_at": at, "attempt": 1}
    job["not_before"] = now + 10 * HOUR if number % 2 else at
    if state != "pending":
        del job["not_before"]
    if state == "running":
        # Not yet silent, but one in ten.
        job["notify_at"] = job["lease_until"] = at if number % 10 == 0 else now + HOUR
        job["owner"], job["process"] = f"worker{number // HELD}", str(number // OF_PROCESS)
    if state in ("failed", "done"):
        del job["notify_at"]
        job["finished_at"] = at
    return job


@pytest.fixture(scope="module")
def many(servers: Servers) -> Iterator[tuple[Settings, Database[Document]]]:
    """The settings and the database of all these tests, and a client that explains nothing."""
    environ = {**servers.environ, "ENVIRONMENT": "test", "MONGO_DATABASE": f"{MARK}{secrets.token_hex(6)}"}
    settings = Settings.load(environ, env_files=())
    with MongoClient[Document](settings.mongo_address, tz_aware=True) as client:
        database, now = client[settings.mongo_database], datetime.now(UTC)
        apply_indexes(database, [CollectionSpec(KIND.collection, job_indexes())])
        quick = database.with_options(write_concern=WriteConcern(w=1))
        for state, number in NUMBERS.items():
            jobs = ({"_id": f"{state}{each:06}", "job": _job(each, state, now)} for each in range(number))
            quick[KIND.collection].insert_many(jobs, ordered=False)
        quick["things.payloads"].insert_many({"_id": f"pending{each:06}", "at": now - HOUR} for each in range(10_000))
        later = now + HOUR
        quick[keys.COLLECTION].insert_many(
            {"_id": UniqueKey("test", str(each), "").id, "digest": "", "job_id": f"done{each:06}", "expires_at": later}
            for each in range(20_000)
        )
        yield settings, database
        drop(client, settings.mongo_database)


@dataclass
class Step:
    """One step, its name, and how many keys and documents its statements may read together."""

    do: Callable[[JobStore], Any]
    keys: int
    documents: int
    prepare: Callable[[JobStore], Any] = lambda _: None


def _posted(store: JobStore, *, data: str = "", key: UniqueKey | None = None) -> str:
    document = {"_id": new_id(), "job": new_job(KIND, request_id="request", notify_after=3600)}
    return str(accept(store, document, {"data": data}, key=key)[0]["_id"])


def _claimed(store: JobStore, data: str = "") -> Claim:
    claim = store.claim(_posted(store, data=data), name=KIND.name, owner="mine", process="1")
    assert claim is not None
    return claim


def _ended(store: JobStore) -> str:
    claim = _claimed(store, "x" * LARGE)
    store.finish(claim, {})
    return claim.id


def _failed(store: JobStore) -> str:
    claim = _claimed(store)
    store.fail(claim, "never")
    return claim.id


def _with(prepare: Callable[[JobStore], Any], do: Callable[[JobStore, Any], Any], keys: int, documents: int) -> Step:
    """A step with something that is prepared before the statements are watched."""
    prepared: list[Any] = []
    return Step(lambda store: do(store, prepared[-1]), keys, documents, lambda store: prepared.append(prepare(store)))


def _notify(store: JobStore) -> None:
    assert len(store.notify(store.due(BATCH), "sweeper")) == BATCH


def _notify_failed(store: JobStore, due: list[JobRef]) -> None:
    store.notify_failed(due)


def _end_spent(store: JobStore) -> None:
    strict = JobStore(store._collection, JobPolicy(lease=30, max_attempts=1))
    assert strict.end_spent(strict.due(50)) == 50


def _same(store: JobStore) -> UniqueKey:
    key = UniqueKey("test", new_id(), "digest")
    _posted(store, key=key)
    return key


def _tick(store: JobStore) -> None:
    Ticker(store._collection.database, [Schedule(tick("test.tick", every=lambda _: 1), 60)]).tick(next(_ids) * 60)


NOTHING = 1
# Seconds that these tests may take.
PATIENCE = 300
STEPS = {
    "accept": Step(_posted, 0, 0),
    "accept a large payload": Step(lambda store: _posted(store, data="x" * LARGE), 1, 1),
    "accept with a key": Step(lambda store: _posted(store, key=UniqueKey("test", new_id(), "d")), 1, 1),
    "accept with a known key": _with(_same, lambda store, key: _posted(store, key=key), 2, 2),
    "look a key up": _with(_same, accepted_before, 2, 2),
    "tick": Step(_tick, 0, 0),
    "claim": _with(_posted, lambda store, each: store.claim(each, name=KIND.name, owner="mine"), 1, 1),
    "claim a large payload": _with(
        lambda store: _posted(store, data="x" * LARGE),
        lambda store, each: store.claim(each, name=KIND.name, owner="mine"),
        2,
        2,
    ),
    "renew": _with(_claimed, lambda store, claim: store.renew(claim, progress=0.5), 1, 1),
    "finish": _with(_claimed, lambda store, claim: store.finish(claim, {"effect": 1}), 1, 1),
    "fail": _with(_claimed, lambda store, claim: store.fail(claim, "never"), 1, 1),
    "retry": _with(_claimed, lambda store, claim: store.retry(claim, "again"), 1, 1),
    "cancel": _with(_posted, JobStore.cancel, 1, 1),
    "reopen": _with(_failed, JobStore.reopen, 1, 1),
    "remove": _with(_ended, JobStore.remove, 2, 2),
    "abandon": _with(_claimed, lambda store, claim: store.abandon(claim.id, "mine"), 1, 1),
    "due and notify": Step(_notify, 2 * BATCH + NOTHING, 2 * BATCH),
    "notify failed": _with(lambda store: store.due(50), _notify_failed, 50 + NOTHING, 50),
    "end spent": Step(_end_spent, 2 * 50 + NOTHING, 2 * 50),
    # A change of many ids may also read the entry behind each of them.
    "expire": Step(JobStore.expire, 3 * BATCH, 2 * BATCH),
    "recover": Step(lambda store: store.recover("worker7"), 2 * HELD + 2 * NOTHING, 2 * HELD),
    "abandon a process": Step(
        lambda store: store.abandon_process("worker9", "37"), 2 * OF_PROCESS + 2 * NOTHING, 2 * OF_PROCESS
    ),
    "ready": Step(lambda store: store.ready([KIND.name, "other.work", "third.work"], 16), 16 + 2, 16),
    "remove orphans": Step(lambda store: store.remove_orphans(None), 2 * STEP + 5, 0),
    "pending": Step(lambda store: store.pending(10_000), 10_000, 0),
    "depth": Step(lambda store: store.depth(1000), 3 * 1000, 0),
    "stats": Step(
        lambda store: job_stats(store._collection.database, [KIND.collection]),
        NUMBERS["pending"] + NUMBERS["running"] + NUMBERS["failed"] + 100,
        0,
    ),
    "list open jobs": Step(
        lambda store: find_jobs(store._collection.database, [KIND.collection], Wanted()), 3 * 20 + 6, 3 * 20
    ),
    "list old jobs of which there is none": Step(
        lambda store: find_jobs(store._collection.database, [KIND.collection], Wanted(older_than=10**6)), 20, 0
    ),
    "list ended jobs": Step(
        lambda store: find_jobs(store._collection.database, [KIND.collection], Wanted(states=[JobState.DONE])), 22, 20
    ),
    "show a job": _with(
        _posted, lambda store, each: find_job(store._collection.database, [KIND.collection], each), 1, 1
    ),
    "purge": Step(
        # 99 of each of two states, and one more of each in a second that has passed since they were made.
        lambda store: store.purge(KIND.name, HOUR + timedelta(seconds=19_900)),
        3 * 2 * (99 + PATIENCE),
        2 * 2 * (99 + PATIENCE),
    ),
    "purge when nothing is old": Step(lambda store: store.purge(KIND.name, 100 * HOUR), 3, 0),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", STEPS)
def test_a_statement_reads_what_it_changes_and_a_constant(many: tuple[Settings, Database[Document]], name: str) -> None:
    settings, database = many
    step = STEPS[name]
    step.prepare(JobStore(database[KIND.collection], POLICY))
    with explained(settings, database) as (watched, reads):
        step.do(JobStore(watched[KIND.collection], POLICY))
    total = Read(name, "", sum(each.keys for each in reads), sum(each.documents for each in reads))
    statements = ", ".join(f"{each.command} {each.keys}/{each.documents}" for each in reads)
    print(f"{name}: {total.keys} keys, {total.documents} documents ({statements})")  # noqa: T201 - what one runs it for
    assert reads, "nothing was asked"
    assert "getMore" not in [each.command for each in reads], "one statement became two: its batch is too small"
    assert (total.keys <= step.keys, total.documents <= step.documents) == (True, True), statements


def test_no_step_is_missing_here() -> None:
    """Whatever the store can do is in the table; what only answers or is a part of a step is left out by name."""
    public = {name for name in vars(JobStore) if not name.startswith("_")}
    names = {name.partition(" ")[0] for name in STEPS} | {"due", "notify", "end_spent", "abandon_process"}
    assert public - names - {"collection", "get", "insert", "reopen_all", "notify_failed", "remove_orphans"} == set()


def test_counts_are_capped() -> None:
    assert NUMBERS["pending"] == COUNTED
