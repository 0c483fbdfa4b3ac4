"""A job's life with a process killed at each point of it, and at each pair of points; every history must converge.

`pytest -rP` shows how many histories that were.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from pymongo.database import Database

from common.mongo import CollectionSpec, Document, apply_indexes
from jobs.model import job_indexes
from jobs.store import JobStore

from .crash_explorer import CrashExplorer, Life, Processes
from .crash_worker import KIND

Explore: TypeAlias = Callable[[str], CrashExplorer]
Written: TypeAlias = Callable[[], Counter[str]]

LIVES = {
    "done": Life(("post",)),
    "posted again by the client": Life(("post", "post")),
    "posted while the broker is away": Life(("post unheard", "sweep unheard")),
    "posted twice with a key": Life(("post_keyed", "post_keyed")),
    "posted twice with a key and a large payload": Life(("post_large", "post_large")),
    "removed, and posted again with its key": Life(("post_large", "deliver", "remove", "post_large")),
    "a large payload that is purged": Life(("post_large_without_key", "deliver", "purge"), ends=("done",)),
    "tried too often by a new setting": Life(
        ("post", "deliver", "sweep_strictly"), then="error", ends=("failed", "done")
    ),
    "ticked by two beats": Life(("tick", "tick")),
    "an error": Life(("post",), then="error"),
    "nothing but errors": Life(("post",), then="errors", ends=("failed",)),
    "a permanent error": Life(("post",), then="refusal", ends=("failed",)),
    "failed, and tried again by a person": Life(("post", "deliver", "reopen"), then="refusal", ends=("failed",)),
    "failed, and tried again with others": Life(("post", "deliver", "reopen_all"), then="refusal", ends=("failed",)),
    "its process died": Life(("post", "deliver", "abandon"), then="stop"),
    "a child that died had taken it without a message": Life(("post", "drain", "abandon_process"), then="stop"),
    "stopped": Life(("post", "deliver", "restart"), then="stop"),
    "cancelled before its work": Life(("post", "cancel"), ends=("cancelled", "done")),
    "cancelled at work": Life(("post",), then="cancel", ends=("cancelled",)),
}
LONG = os.environ.get("JOB_SEARCH") == "long"
# Every pair of points in every life takes minutes: `nox -s crash-explorer`. The ordinary run kills once, in these.
CHOSEN = tuple(LIVES) if LONG else ("done", "posted while the broker is away", "its process died")
# What a person or a probe reads; a process killed there leaves nothing behind.
READS = {"collection", "depth", "pending"}


@pytest.fixture
def explorer(environ: dict[str, str], database: Database[Document]) -> Iterator[Explore]:
    """Provide the explorer of a life, in processes that end with the test."""
    apply_indexes(database, [CollectionSpec(KIND.collection, job_indexes())])
    processes = Processes({**os.environ, **environ})
    yield lambda life: CrashExplorer(database, processes.do, LIVES[life])
    processes.close()


@pytest.fixture
def written(database: Database[Document]) -> Iterator[Written]:
    """Counts how often the effect was written to each document, from MongoDB's own record of all changes.

    It is read all the time: MongoDB keeps a gigabyte of it, and other tests on the same server write more than that.
    """
    effect = {"updateDescription.updatedFields.effect": {"$exists": True}}
    counted, ended = Counter[str](), threading.Event()
    with database[KIND.collection].watch([{"$match": effect}], max_await_time_ms=200) as changes:

        def read() -> None:
            while not ended.is_set():
                if (change := changes.try_next()) and (document := change["documentKey"]["_id"]) != "last":
                    counted[document] += 1
                elif change:
                    ended.set()

        def count() -> Counter[str]:
            database[KIND.collection].insert_one({"_id": "last"})
            database[KIND.collection].update_one({"_id": "last"}, {"$set": {"effect": 0}})
            assert ended.wait(60)
            return counted

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield count
        finally:
            ended.set()
            reader.join()


@pytest.mark.integration
@pytest.mark.parametrize("life", CHOSEN)
def test_every_history_comes_to_its_right_end_with_one_effect(explorer: Explore, written: Written, life: str) -> None:
    disturbances = 2 if LONG else 1
    walked = explorer(life)
    found = walked.walk(disturbances)
    print(f"{life}: {found:,} histories with up to {disturbances} disturbances, {walked.killed} processes killed")  # noqa: T201 - what one runs it for
    assert written() == Counter(walked.effects)


@pytest.mark.integration
def test_no_step_of_a_job_is_forgotten(explorer: Explore) -> None:
    reached = set()
    for life in LIVES:
        walked = explorer(life)
        walked.walk(0)
        reached |= walked.points
    steps = {name for name in vars(JobStore) if not name.startswith("_")} - READS
    missing = {f"{step} {when}" for step in (*steps, "insert", "publish") for when in ("before", "after")} - reached
    assert not missing, "write a life in which this happens"
