"""A person tries failed jobs again."""

import time
from concurrent.futures import ThreadPoolExecutor

from jobs.store import JobStore

from .conftest import ClaimJob, JobField, Notified, Post


def lapse(store: JobStore) -> None:
    time.sleep(store.policy.lease + 0.1)


def test_a_failed_job_is_tried_again_with_all_its_attempts_and_its_error_stays_until_then(
    post: Post,
    claim: ClaimJob,
    store: JobStore,
    job: JobField,
    notified: Notified,
) -> None:
    post()
    for _ in range(3):
        store.retry(claim(), "it broke", backoff=0)
    assert store.reopen("a")
    assert (job()["state"], job()["error"], job()["notifications"]) == ("pending", "it broke", 0)
    assert "finished_at" not in job()
    assert notified() == ["a"]
    for number in (4, 5, 6):
        held = claim()
        assert held.attempt == number
        store.retry(held, f"error {number}", backoff=0)
    assert (job()["state"], job()["error"]) == ("failed", "error 6")
    assert store.expire() == 0


def test_a_worker_that_wakes_up_after_its_job_was_retried_by_a_person_is_fenced_off(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post()
    frozen = claim()
    for _ in range(2):
        lapse(store)
        store.expire()
        claim()
    lapse(store)
    store.expire()
    assert store.reopen("a")
    later = claim()
    assert not store.finish(frozen, {"effect": 1})
    assert store.finish(later, {"effect": 2})
    assert job()["attempt"] == later.attempt


def test_the_pauses_after_a_persons_retry_begin_anew(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post()
    for _ in range(3):
        store.retry(claim(), "it broke", backoff=0)
    store.reopen("a")
    store.retry(claim(), "again")
    assert (job()["not_before"] - job()["updated_at"]).total_seconds() == 1


def test_only_a_failed_job_can_be_retried_by_a_person(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post()
    assert not store.reopen("a")
    held = claim()
    assert not store.reopen("a")
    store.finish(held, {})
    assert not store.reopen("a")
    assert not store.reopen("nothing")
    assert job()["state"] == "done"


def test_of_many_persons_who_retry_at_once_one_does(post: Post, claim: ClaimJob, store: JobStore) -> None:
    post()
    store.fail(claim(), "never")
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: store.reopen("a"), range(16))) == 1


def test_all_failed_jobs_of_a_name_are_retried_together(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    for job_id in ("a", "b", "c"):
        post(job_id)
    for job_id in ("a", "b"):
        store.fail(claim(job_id), "never")
    assert store.reopen_all("another.work") == 0
    assert store.reopen_all("test.work") == 2
    assert [job(job_id)["state"] for job_id in ("a", "b", "c")] == ["pending"] * 3


def test_pending_jobs_are_counted_up_to_a_limit(post: Post, claim: ClaimJob, store: JobStore) -> None:
    for number in range(5):
        post(f"job{number}")
    claim("job0")
    assert (store.pending(3), store.pending(100)) == (3, 4)
