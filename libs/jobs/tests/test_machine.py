"""Jobs under whatever may happen to them in any order: hypothesis searches for a history that goes wrong."""

import os
import time
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, apply_indexes
from common.queue.contract import Contract, JobPayload
from jobs import keys
from jobs.declared import all_collections
from jobs.keys import KeyConflictError
from jobs.model import LIVE, Claim, JobPolicy, JobState
from jobs.service import Jobs, WrongStateError
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from testing.example import EXAMPLE, EXAMPLES, WORK, Example, ExampleCreate, example_of

from .steered import SteeredWorker, move_times

POLICY = JobPolicy(lease=30, max_attempts=3)
DAY = float(keys.KEEP)
REQUESTS = [ExampleCreate(title="a", values=[1, 2, 3]), ExampleCreate(title="b", values=[4])]
MEANS = {"a": 2, "b": 4}
# Few at a time, so that the workers often meet at one.
MOST = 3
# Rounds of time, sweep and delivery after which all must be at rest.
ROUNDS = 20
# The same examples each time in the ordinary run; others each time in the long one, which prints how to repeat one.
QUICK = settings(max_examples=40, stateful_step_count=30, derandomize=True)
LONG = settings(max_examples=500, stateful_step_count=60, print_blob=True)
PROFILE = LONG if os.environ.get("JOB_SEARCH") == "long" else QUICK

some = st.integers(0, 99)


class JobMachine(RuleBasedStateMachine):
    """Two workers, a client, a person and a sweeper; messages are ids in a list, so they can come in any order.

    A rule that has nothing to do does nothing. It has no precondition, for what hypothesis chooses from must not hang
    on how fast the machine is: on a slow one a pause may have ended.
    """

    def __init__(self, database: Database[Document]) -> None:
        super().__init__()
        self.documents = database[EXAMPLES.name]
        self.keys_ = database[keys.COLLECTION]
        self.payloads = database[f"{EXAMPLES.name}.payloads"]
        for documents in (self.documents, self.keys_, self.payloads):
            documents.delete_many({})
        # Which messages arrive is decided here, so none is sent.
        unheard = SimpleNamespace(notify=lambda *_, **__: None)
        clients: Any = SimpleNamespace(settings=Settings(), database=database, publisher=unheard)
        self.jobs = Jobs(clients)
        self.workers = [SteeredWorker(database, POLICY, f"worker{number}") for number in (1, 2)]
        self.sweeper = Sweeper([JobStore(self.documents, POLICY)], {WORK.name: WORK}, self)
        self.broker_is_away = False
        self.flight: list[str] = []
        # Seconds that have passed beside the real ones, and until when the lease of each worker lasts.
        self.passed = 0.0
        self.leases: dict[str, float] = {}
        self.kept: set[str] = set()
        self.keys: dict[str, tuple[str, ExampleCreate, float]] = {}
        self.ended: dict[str, Any] = {}

    def publish(self, _contract: Contract[JobPayload], payload: JobPayload, *, request_id: str) -> None:
        """Stands for the queue."""
        if self.broker_is_away:
            raise OSError("the broker is away")
        self.flight.append(payload.id)

    def waiting(self) -> int:
        """Stands for the queue."""
        return len(self.flight)

    @initialize()
    def begin(self) -> None:
        """Hypothesis leaves out some of the rules in each example, so each begins with something to do."""
        for request in REQUESTS:
            self.post(request, None, heard=True)
        self.deliver(0, 0, again=True)

    @rule(request=st.sampled_from(REQUESTS), key=st.sampled_from([None, "k", "l"]), heard=st.booleans())
    def post(self, request: ExampleCreate, key: str | None, *, heard: bool) -> None:
        if len(self.kept) >= MOST:
            return
        earlier = self._earlier(key)
        try:
            document = self.jobs.accept(WORK, request.model_dump(), key=key, request_id="request")
        except KeyConflictError:
            assert earlier is not None
            assert earlier[1] != request
            return
        job_id = document["_id"]
        is_new = job_id not in self.kept
        assert is_new == (earlier is None)
        assert earlier is None or (job_id, request) == earlier[:2]
        if is_new:
            self.kept.add(job_id)
            self.flight += [job_id] * heard
            self.keys[key or ""] = (job_id, request, self.now)

    def get(self, job_id: str) -> Example:
        return example_of(self.jobs.get(WORK, job_id))

    def _earlier(self, key: str | None) -> tuple[str, ExampleCreate, float] | None:
        """The request that the key stands for."""
        earlier = self.keys.get(key) if key else None
        return earlier if earlier and earlier[0] in self.kept and self.now - earlier[2] < DAY else None

    @rule(message=some, worker=some, again=st.booleans())
    def deliver(self, message: int, worker: int, *, again: bool) -> None:
        """A worker gets any of the messages, which may stay to come again."""
        if not self.flight or not self.idle:
            return
        job_id = self.flight[message % len(self.flight)]
        if not again:
            self.flight.remove(job_id)
        taker = self.idle[worker % len(self.idle)]
        self.leases[taker.name] = self.now + POLICY.lease
        taker.begin(job_id)

    @rule(message=some)
    def lose(self, message: int) -> None:
        if self.flight:
            self.flight.pop(message % len(self.flight))

    @rule(worker=some)
    def renew(self, worker: int) -> None:
        if self.busy:
            renewing, now = self.busy[worker % len(self.busy)], self.now
            self._do(renewing, "renew")
            self.leases[renewing.name] = now + POLICY.lease

    @rule(worker=some, how=st.sampled_from(["finish", "finish", "error", "refuse", "stop"]))
    def end(self, worker: int, how: str) -> None:
        """An attempt ends by itself, in time or long after its lease."""
        if self.busy:
            self._do(self.busy[worker % len(self.busy)], how)

    def _do(self, worker: Any, order: str) -> None:
        """Whoever has lost a job changes nothing any more."""
        claim = worker.claim
        before = self.documents.find_one({"_id": claim.id})
        worker.do(order)
        if before is None or not _is_held(before, claim):
            assert self.documents.find_one({"_id": claim.id}) == before

    @rule(worker=some, redelivered=st.booleans(), then=st.sampled_from(["nothing", "recover", "abandon"]))
    def kill(self, worker: int, then: str, *, redelivered: bool) -> None:
        """A worker dies and stays away, is started again, or was only a child whose main process notices."""
        if not self.busy:
            return
        killed = self.busy[worker % len(self.busy)]
        job_id = killed.claim.id
        self.flight += [job_id] * redelivered
        killed.do("die")
        if then == "recover":
            killed.recover()
        elif then == "abandon":
            killed.abandon(job_id)

    @rule(worker=some, then=st.sampled_from(["sleep on", "renew", "finish", "error"]))
    def freeze(self, worker: int, then: str) -> None:
        """A worker is frozen past its lease, and another one hears of its job; the first wakes up then, or later."""
        if self.busy and self.idle:
            frozen = self.busy[worker % len(self.busy)]
            self.flight.insert(0, frozen.claim.id)
            self.time_passes(POLICY.lease + 1)
            self.deliver(0, 0, again=False)
            if then != "sleep on":
                self._do(frozen, then)

    @rule(number=some)
    def delete(self, number: int) -> None:
        """A person cancels what lives, and removes what is finished."""
        if not self.kept:
            return
        job_id = sorted(self.kept)[number % len(self.kept)]
        was_live = self.get(job_id).status in LIVE
        self.jobs.cancel_or_delete(WORK, job_id)
        if was_live:
            assert self.get(job_id).status is JobState.CANCELLED
        else:
            self.kept.remove(job_id)

    @rule(number=some)
    def retry(self, number: int) -> None:
        """A person has a failed job tried again, which is the only way back from an end."""
        if not self.kept:
            return
        job_id = sorted(self.kept)[number % len(self.kept)]
        has_failed = self.get(job_id).status is JobState.FAILED
        try:
            self.jobs.retry(WORK, job_id, request_id="request")
        except WrongStateError:
            assert not has_failed
        else:
            assert has_failed
            del self.ended[job_id]

    @rule(broker_is_away=st.booleans())
    def sweep(self, *, broker_is_away: bool) -> None:
        self.broker_is_away = broker_is_away
        try:
            self.sweeper.sweep()
        except OSError:
            assert broker_is_away

    @rule(seconds=st.sampled_from([1, 4, 29, 31, 70, DAY + 1]))
    def time_passes(self, seconds: float) -> None:
        """Moves all times back instead of the clock on: nothing waits, and MongoDB's own clock still decides."""
        for documents in (self.documents, self.keys_, self.payloads):
            move_times(documents, -seconds)
        self.passed += seconds

    @rule()
    def purge(self) -> None:
        JobStore(self.documents, POLICY).purge(WORK.name, timedelta(seconds=DAY))
        removed = self.kept - {each["_id"] for each in self.documents.find({}, {"_id": True})}
        assert removed <= self.ended.keys()
        self.kept -= removed

    @property
    def now(self) -> float:
        return self.passed + time.monotonic()

    @property
    def idle(self) -> list[SteeredWorker]:
        return [worker for worker in self.workers if worker.claim is None]

    @property
    def busy(self) -> list[Any]:
        return [worker for worker in self.workers if worker.claim is not None]

    @invariant()
    def nothing_is_lost_and_an_end_is_final(self) -> None:
        found = {document["_id"]: document for document in self.documents.find()}
        assert found.keys() == self.kept
        for job_id, document in found.items():
            job = document["job"]
            is_live = job["state"] in LIVE
            assert is_live == ("notify_at" in job) == ("finished_at" not in job), "what lives is looked for"
            assert (job["state"] == "pending") == ("not_before" in job), "what may be claimed is looked for"
            assert (job["state"] == "done") == ("finish" in document) == ("result" in document)
            assert job["attempt"] - job.get("attempts_before_reopen", 0) <= POLICY.max_attempts
            end = [job["state"], job["attempt"], job["error"], document.get("result"), document.get("finish")]
            assert self.ended.get(job_id, end) == end, "an end is final"
            if not is_live:
                self.ended[job_id] = end

    @invariant()
    def a_lease_that_lasts_is_respected(self) -> None:
        for worker in self.busy:
            document = self.documents.find_one({"_id": worker.claim.id})
            if document and document["job"]["state"] in LIVE and self.leases[worker.name] > self.now:
                assert _is_held(document, worker.claim), "a worker lost its job in time"

    def teardown(self) -> None:
        """Left alone, everything comes to its end: the workers are killed, then time, sweeps and messages go on."""
        for worker in self.busy:
            worker.do("die")
        for _ in range(ROUNDS):
            was_at_rest = not self.flight and self.kept <= self.ended.keys()
            self.time_passes(61)
            self.sweep(broker_is_away=False)
            while self.flight:
                self.deliver(0, 0, again=False)
                for worker in self.busy:
                    worker.do("finish")
            self.nothing_is_lost_and_an_end_is_final()
            # One round more changes nothing; and so would all others, for they do the same.
            if was_at_rest:
                break
        assert self.kept <= self.ended.keys()
        for example in map(self.get, self.kept):
            assert example.result is None or example.result == MEANS[example.title]
            assert example.status != "failed" or example.error


def _is_held(document: Document, claim: Claim) -> bool:
    return (document["job"]["state"], document["job"]["attempt"]) == ("running", claim.attempt)


@pytest.mark.integration
def test_no_history_goes_wrong(database: Database[Document], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", "jobs")
    apply_indexes(database, all_collections([EXAMPLE]))
    profile = settings(PROFILE, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    # It takes anything that makes a machine, and its annotation only a class.
    machine: Any = partial(JobMachine, database)
    run_state_machine_as_test(machine, settings=profile)
