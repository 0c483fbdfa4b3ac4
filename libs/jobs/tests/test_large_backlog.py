"""A thousand large jobs whose messages are all lost: sweepers alone see to it that each gets done, and stay quick.

`nox -s crash-explorer` takes a thousand of 1.5 MB; the ordinary run takes fewer, as large.
"""

import os
import time

import pytest
from pymongo.database import Database

from common.mongo import Document
from common.queue.contract import Contract, JobPayload
from jobs.model import JobKind, new_job
from jobs.runner import run_job
from jobs.store import JobStore
from jobs.sweeper import NOTIFICATIONS, Sweeper

JOBS = 1000 if os.environ.get("JOB_SEARCH") == "long" else 60
VALUES = [float(number) for number in range(100_000)]
# Seconds that a round may take, the messages aside; it takes milliseconds. It would reach a second where it read them.
QUICK = 0.5


class Broker:
    """Stands for a broker that loses each message of the API; those of the sweepers are taken by the test."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def publish(self, _contract: Contract[JobPayload], payload: JobPayload, *, request_id: str) -> None:
        self.messages.append(payload.id)

    def waiting(self) -> int:
        return len(self.messages)


@pytest.fixture
def accepted(database: Database[Document], store: JobStore, kind: JobKind) -> None:
    """Large jobs that have been due for a while."""
    for number in range(JOBS):
        job = new_job(kind, request_id="request", notify_after=-number - 1)
        store.insert({"_id": f"job{number:04}", "job": job}, {"values": VALUES})
    assert database["things.payloads"].count_documents({}) == JOBS


@pytest.mark.integration
@pytest.mark.usefixtures("accepted")
def test_large_jobs_of_a_silent_broker_get_done_and_no_round_is_slow(
    database: Database[Document], store: JobStore, kind: JobKind
) -> None:
    broker, longest, rounds = Broker(), 0.0, 0
    sweeper = Sweeper([store], {kind.name: kind}, broker)
    worker = JobStore(database[kind.collection], store.policy)
    while database[kind.collection].count_documents({"job.state": "pending"}, limit=1):
        began = time.monotonic()
        notified = sweeper.sweep()
        longest, rounds = max(longest, time.monotonic() - began), rounds + 1
        assert notified or rounds <= JOBS / NOTIFICATIONS + 2
        while broker.messages:
            run_job(
                worker, kind, broker.messages.pop(), lambda claim, _: {"sum": sum(claim.document["values"])}, owner="w"
            )
    print(f"{JOBS} jobs of 1.5 MB, {rounds} rounds, the longest {longest * 1000:.0f} ms")  # noqa: T201 - what one runs it for
    assert longest < QUICK
    assert database[kind.collection].count_documents({"job.state": "done", "sum": sum(VALUES)}) == JOBS
