import time
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

import pytest
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from common.mongo import Document
from jobs.model import Claim, JobKind, JobPolicy, PermanentError
from jobs.runner import Attempt, Work, run_job
from jobs.store import JobStore
from testing.documents import stored
from testing.waiting import eventually

from .conftest import ClaimJob, JobField, Post, TryClaim


class Run(Protocol):
    """What the fixture `run` is."""

    def __call__(self, work: Work, job_id: str = "a") -> Claim | None: ...


@pytest.fixture
def run(store: JobStore, kind: JobKind) -> Run:
    """Works on a job as a worker does."""

    def work_on(work: Work, job_id: str = "a") -> Claim | None:
        return run_job(store, kind, job_id, work, owner="worker1")

    return work_on


def test_the_answer_of_the_work_is_the_effect(post: Post, run: Run, database: Database[Document]) -> None:
    post()
    run(lambda claim, _: {"effect": claim.attempt})
    assert stored(database["things"], "a")["effect"] == 1


def test_the_lease_is_renewed_while_the_work_lasts(
    post: Post, run: Run, store: JobStore, try_claim: TryClaim, job: JobField
) -> None:
    post()

    def work(_claim: Claim, attempt: Attempt) -> dict[str, Any]:
        time.sleep(store.policy.lease * 2)
        assert try_claim(owner="worker2") is None
        attempt.check()
        return {}

    run(work)
    assert (job()["state"], job()["attempt"]) == ("done", 1)


def test_work_that_is_cancelled_learns_it_from_its_progress(
    post: Post, run: Run, store: JobStore, job: JobField
) -> None:
    post()
    steps = []

    def work(claim: Claim, attempt: Attempt) -> dict[str, Any]:
        store.cancel(claim.id)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            attempt.progress(0.1)
            time.sleep(0.01)
        steps.append("went on")
        return {}

    run(work)
    assert steps == []
    assert job()["state"] == "cancelled"


class Renewing(JobStore):
    """A store that counts its renewals; everything is real."""

    renewals = 0

    def renew(self, claim: Claim, *, progress: float | None = None) -> bool:
        self.renewals += 1
        return super().renew(claim, progress=progress)


def test_quick_work_costs_a_claim_and_a_finish_and_no_renewal(
    post: Post, store: JobStore, kind: JobKind, job: JobField
) -> None:
    post()
    counting = Renewing(store._collection, JobPolicy(lease=60))

    def work(_claim: Claim, attempt: Attempt) -> dict[str, Any]:
        for step in range(100):
            attempt.progress(step / 100)
        return {}

    run_job(counting, kind, "a", work, owner="worker1")
    assert (job()["state"], counting.renewals) == ("done", 0)


def test_work_that_does_not_look_is_discarded(
    post: Post, run: Run, store: JobStore, database: Database[Document]
) -> None:
    post()

    def work(claim: Claim, _attempt: Attempt) -> dict[str, Any]:
        store.cancel(claim.id)
        return {"effect": 1}

    run(work)
    assert "effect" not in stored(database["things"], "a")


def test_an_error_gives_the_job_back_with_its_reason(
    post: Post, run: Run, job: JobField, caplog: pytest.LogCaptureFixture
) -> None:
    post()

    def work(*_: object) -> NoReturn:
        raise RuntimeError("no luck")

    run(work)
    assert (job()["state"], job()["error_detail"]) == ("pending", "RuntimeError: no luck")
    # Clients are told this. What an error says may name servers and data.
    assert job()["error"] == f"it failed unexpectedly, in request {job()['request_id']}"
    assert "no luck" in caplog.text


def test_the_detail_of_an_error_is_data_and_goes_with_the_error(
    post: Post, store: JobStore, claim: ClaimJob, job: JobField
) -> None:
    post()
    store.retry(claim(), "told", detail="$no luck" + "x" * 1_000_000, backoff=0)
    assert (job()["error"], job()["error_detail"][:8], len(job()["error_detail"])) == ("told", "$no luck", 1000)
    store.retry(claim(), "told again", backoff=0)
    assert (job()["error"], "error_detail" in job()) == ("told again", False)


def test_a_job_that_is_done_has_no_error_left(
    post: Post, run: Run, store: JobStore, claim: ClaimJob, job: JobField
) -> None:
    post()
    store.retry(claim(), "told", detail="no luck", backoff=0)
    run(lambda *_: {})
    assert (job()["state"], job()["error"], "error_detail" in job()) == ("done", None, False)


def test_a_permanent_error_fails_the_job(post: Post, run: Run, job: JobField) -> None:
    post()

    def work(*_: object) -> NoReturn:
        raise PermanentError("never")

    run(work)
    assert (job()["state"], job()["error"]) == ("failed", "never")


def test_a_stop_gives_the_job_back_at_once_and_goes_on_stopping(
    post: Post, run: Run, job: JobField, claim: ClaimJob
) -> None:
    post()

    def work(*_: object) -> NoReturn:
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        run(work)
    assert job()["state"] == "pending"
    assert claim().attempt == 2


def test_nothing_happens_without_a_job(run: Run) -> None:
    run(lambda *_: pytest.fail("there is nothing to work on"), "nothing")


class Deaf(JobStore):
    """A store whose renewals never arrive; everything else is real."""

    def renew(self, claim: Claim, *, progress: float | None = None) -> bool:
        raise AutoReconnect("the network is cut")


def test_a_worker_that_cannot_renew_stops_before_another_may_begin(
    post: Post, store: JobStore, kind: JobKind, try_claim: TryClaim, job: JobField
) -> None:
    post()
    deaf = Deaf(store._collection, store.policy)

    def work(_claim: Claim, attempt: Attempt) -> dict[str, Any]:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            attempt.check()
            time.sleep(0.01)
        pytest.fail("it was not told to stop")

    began = time.monotonic()
    run_job(deaf, kind, "a", work, owner="worker1")
    assert time.monotonic() - began < store.policy.lease * 2
    assert job()["state"] == "running", "the job waits for its lease to run out"
    assert eventually(lambda: try_claim(owner="worker2")).attempt == 2


class Interrupted(JobStore):
    """A store whose first attempt to finish does not arrive; everything else is real."""

    interruptions = 1

    def finish(self, claim: Claim, effect: Mapping[str, Any]) -> bool:
        if self.interruptions:
            self.interruptions -= 1
            raise AutoReconnect("the primary stepped down")
        return super().finish(claim, effect)


def test_a_result_that_mongodb_did_not_take_is_offered_again_while_the_lease_lasts(
    post: Post, store: JobStore, kind: JobKind, database: Database[Document]
) -> None:
    post()
    interrupted = Interrupted(store._collection, store.policy)
    run_job(interrupted, kind, "a", lambda claim, _: {"effect": claim.attempt}, owner="worker1")
    document = stored(database["things"], "a")
    assert (document["effect"], document["job"]["state"], document["job"]["attempt"]) == (1, "done", 1)
