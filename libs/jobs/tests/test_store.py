"""Each step of a job's life, from each state it may be met in."""

import time
from concurrent.futures import ThreadPoolExecutor

from pymongo.database import Database

from common.mongo import Document
from jobs.model import JobKind, JobPolicy, JobState
from jobs.store import JobStore
from testing.documents import stored
from testing.waiting import eventually

from .conftest import ClaimJob, JobField, Notified, Post, TryClaim


def lapse(store: JobStore) -> None:
    time.sleep(store.policy.lease + 0.1)


def test_a_pending_job_is_claimed_once(post: Post, claim: ClaimJob, job: JobField, try_claim: TryClaim) -> None:
    post()
    first = claim()
    assert (first.attempt, first.request_id, first.document["_id"]) == (1, "request-a", "a")
    assert try_claim(owner="worker2") is None
    assert (job()["state"], job()["owner"]) == ("running", "worker1")


def test_of_many_who_claim_at_once_one_wins(post: Post, database: Database[Document], kind: JobKind) -> None:
    post()
    # Longer than all of them need, however busy the machine is: what has lapsed may be claimed again.
    store = JobStore(database[kind.collection], JobPolicy(lease=60))
    with ThreadPoolExecutor(16) as pool:
        owners = (f"worker{number}" for number in range(64))
        claims = list(pool.map(lambda owner: store.claim("a", name=kind.name, owner=owner, process=""), owners))
    assert sum(each is not None for each in claims) == 1


def test_there_is_nothing_to_claim_where_there_is_no_such_job(post: Post, store: JobStore) -> None:
    post()
    assert store.claim("b", name="test.work", owner="w") is None
    assert store.claim("a", name="other.work", owner="w") is None


def test_a_job_whose_lease_ran_out_is_claimed_by_another_and_the_first_is_fenced_off(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post()
    first = claim()
    lapse(store)
    second = claim(owner="worker2")
    assert second.attempt == 2
    assert not store.renew(first)
    assert not store.finish(first, {"effect": 1})
    assert not store.fail(first, "late")
    assert not store.retry(first, "late")
    assert store.finish(second, {"effect": 2})
    assert job()["state"] == "done"


def test_a_claim_that_mongodb_forgets_when_it_dies_leads_to_one_effect(
    post: Post,
    claim: ClaimJob,
    store: JobStore,
    database: Database[Document],
    job: JobField,
) -> None:
    post()
    before = stored(database["things"], "a")
    first = claim()
    database["things"].replace_one({"_id": "a"}, before)
    second = claim(owner="worker2")
    assert (first.attempt, second.attempt) == (1, 1)
    assert store.finish(first, {"effect": 1})
    assert not store.renew(second)
    assert not store.finish(second, {"effect": 2})
    assert not store.retry(second, "late")
    assert (job()["state"], stored(database["things"], "a")["effect"]) == ("done", 1)


def test_a_renewed_lease_does_not_run_out(post: Post, claim: ClaimJob, store: JobStore, try_claim: TryClaim) -> None:
    post()
    held = claim()
    for _ in range(4):
        time.sleep(store.policy.lease / 2)
        assert store.renew(held, progress=0.25)
    assert try_claim(owner="worker2") is None


def test_progress_is_seen_while_the_job_runs(post: Post, claim: ClaimJob, store: JobStore, job: JobField) -> None:
    post()
    store.renew(claim(), progress=0.25)
    assert job()["progress"] == 0.25


def test_the_effect_and_the_end_are_written_together(
    post: Post, claim: ClaimJob, store: JobStore, database: Database[Document]
) -> None:
    post()
    assert store.finish(claim(), {"result": {"sum": 3}, "note": "$$NOW and $title are only text"})
    document = stored(database["things"], "a")
    assert document["result"] == {"sum": 3}
    assert document["note"] == "$$NOW and $title are only text"
    assert (document["job"]["state"], document["job"]["progress"]) == ("done", 1.0)
    assert not {"notify_at", "lease_until", "owner", "process", "not_before"} & document["job"].keys()


def test_an_end_is_final(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField, notified: Notified, try_claim: TryClaim
) -> None:
    post()
    held = claim()
    store.finish(held, {})
    ended = job()
    assert not store.finish(held, {"effect": 2})
    assert not store.retry(held, "again")
    assert not store.cancel("a")
    assert try_claim() is None
    assert store.expire() == 0
    assert store.recover("worker1") == 0
    assert notified() == []
    assert job() == ended


def test_a_failed_attempt_waits_before_it_is_tried_again(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField, try_claim: TryClaim
) -> None:
    post()
    assert store.retry(claim(), "it broke", backoff=0.5)
    assert (job()["state"], job()["error"]) == ("pending", "it broke")
    assert try_claim() is None, "a message that comes twice must not shorten the backoff"
    assert eventually(try_claim, seconds=5).attempt == 2


def test_the_last_failed_attempt_ends_the_job_with_its_error(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField, try_claim: TryClaim
) -> None:
    post()
    for number in (1, 2, 3):
        held = claim()
        assert held.attempt == number
        store.retry(held, f"error {number}", backoff=0)
    assert (job()["state"], job()["error"]) == ("failed", "error 3")
    assert "notify_at" not in job()
    assert try_claim() is None


def test_a_permanent_error_ends_the_job_at_once(post: Post, claim: ClaimJob, store: JobStore, job: JobField) -> None:
    post()
    assert store.fail(claim(), "$never an expression")
    assert (job()["state"], job()["error"]) == ("failed", "$never an expression")


def test_an_endless_error_is_cut(post: Post, claim: ClaimJob, store: JobStore, job: JobField) -> None:
    post()
    store.fail(claim(), "x" * 1_000_000)
    assert len(job()["error"]) == 1000


def test_a_pending_and_a_running_job_can_be_cancelled(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post("a")
    post("b")
    held = claim("b")
    assert store.cancel("a")
    assert store.cancel("b")
    assert (job("a")["state"], job("b")["state"]) == (JobState.CANCELLED, JobState.CANCELLED)
    assert not store.finish(held, {"effect": 1})
    assert not store.cancel("nothing")


def test_the_jobs_of_silent_workers_are_given_back_until_their_attempts_are_used_up(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post()
    for _ in range(3):
        claim()
        assert store.expire() == 0
        lapse(store)
        assert store.expire() == 1
    assert (job()["state"], job()["error"]) == ("failed", "the worker was lost")


def test_a_job_whose_attempts_are_used_up_by_a_new_setting_is_ended_and_not_notified_ever(
    post: Post,
    claim: ClaimJob,
    store: JobStore,
    job: JobField,
    notified: Notified,
) -> None:
    post()
    post("b", due=True)
    store.retry(claim(), "it broke", backoff=0)
    strict = JobStore(store._collection, JobPolicy(lease=1, max_attempts=1))
    due = strict.due(9)
    assert {each.id: each.spent for each in due} == {"a": True, "b": False}
    assert strict.end_spent(due) == 1
    assert (job()["state"], job()["error"]) == ("failed", "it broke")
    assert notified(9) == ["b"]


def test_a_restarted_worker_gives_back_only_its_own(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    post("a")
    post("b")
    claim("a", "worker1")
    claim("b", "worker2")
    assert store.recover("worker1") == 1
    assert (job("a")["state"], job("b")["state"]) == ("pending", "running")
    assert claim("a").attempt == 2


def test_a_child_that_died_has_all_it_worked_on_given_back_with_a_pause_that_grows(
    post: Post, claim: ClaimJob, store: JobStore, job: JobField
) -> None:
    for job_id in ("a", "b", "c", "d"):
        post(job_id)
    claim("a", process="11")
    claim("b", process="12")
    claim("c", "worker2", process="11")
    store.retry(claim("d", process="11"), "it broke", backoff=0)
    assert claim("d", process="11").attempt == 2
    assert job("a")["process"] == "11"
    assert store.abandon_process("worker1", "11") == 2
    assert [job(job_id)["state"] for job_id in "abcd"] == ["pending", "running", "running", "pending"]
    pauses = [job(job_id)["not_before"] - job(job_id)["updated_at"] for job_id in "ad"]
    assert [pause.total_seconds() for pause in pauses] == [1, 4]
    assert not {"owner", "process"} & job("a").keys()
    assert store.abandon_process("worker1", "11") == 0


def test_many_jobs_of_one_owner_are_given_back_together(post: Post, claim: ClaimJob, store: JobStore) -> None:
    for number in range(450):
        post(f"job{number}")
        claim(f"job{number}")
    assert store.recover("worker1") == 450
    assert store.recover("worker1") == 0


def test_what_may_be_claimed_now_is_found_the_oldest_first(
    post: Post, claim: ClaimJob, store: JobStore, database: Database[Document]
) -> None:
    for job_id in ("a", "b", "c", "running", "paused", "done"):
        post(job_id)
        time.sleep(0.002)
    claim("running")
    store.retry(claim("paused"), "it broke")
    store.finish(claim("done"), {})
    assert [each.id for each in store.ready(["test.work", "other.work"], 2)] == ["a", "b"]
    assert [(each.id, each.name, each.request_id) for each in store.ready(["test.work"], 9)] == [
        (job_id, "test.work", f"request-{job_id}") for job_id in "abc"
    ]
    assert store.ready(["other.work"], 9) == []
    assert [each.id for each in eventually(lambda: store.ready(["test.work"], 9)[3:], seconds=5)] == ["paused"]


def test_a_job_that_was_never_tried_can_be_claimed_also_when_the_clock_that_accepted_it_is_ahead(
    post: Post, store: JobStore, database: Database[Document], claim: ClaimJob
) -> None:
    post()
    database["things"].update_one({"_id": "a"}, [{"$set": {"job.not_before": {"$add": ["$$NOW", 60_000]}}}])
    assert claim().attempt == 1


def test_due_jobs_are_notified_in_their_order_and_put_off(post: Post, notified: Notified, job: JobField) -> None:
    post("late")
    post("first", due=True)
    time.sleep(0.01)
    post("second", due=True)
    assert [notified(), notified(), notified()] == [["first"], ["second"], []]
    assert job("first")["notifications"] == 1


def test_a_notification_has_the_name_and_the_request(post: Post, store: JobStore) -> None:
    post(due=True)
    (job_ref,) = store.notify(store.due(1), "sweeper")
    assert (job_ref.id, job_ref.name, job_ref.request_id) == ("a", "test.work", "request-a")


def test_the_pauses_between_rings_grow_to_a_limit(
    post: Post, notified: Notified, database: Database[Document], job: JobField
) -> None:
    post(due=True)
    pauses = []
    for sent in (0, 1, 2, 3, 4, 60):
        database["things"].update_one({"_id": "a"}, [{"$set": {"job.notifications": sent, "job.notify_at": "$$NOW"}}])
        before = job()["notify_at"]
        notified()
        pauses.append(round((job()["notify_at"] - before).total_seconds()))
    assert pauses == [3, 6, 12, 24, 48, 48]


def test_a_notification_that_failed_is_due_again_and_does_not_count(
    post: Post, store: JobStore, job: JobField, notified: Notified
) -> None:
    post(due=True)
    store.notify_failed(store.notify(store.due(1), "sweeper"))
    assert job()["notifications"] == 0
    assert notified() == ["a"]


def test_of_sweepers_that_found_the_same_jobs_each_job_is_ones(post: Post, store: JobStore) -> None:
    for number in range(9):
        post(f"job{number}", due=True)
    due = store.due(9)
    first = store.notify(due[3:6], "sweeper1")
    second = store.notify(due, "sweeper2")
    assert [job.id for job in first] == ["job3", "job4", "job5"]
    assert [job.id for job in second] == ["job0", "job1", "job2", "job6", "job7", "job8"]
    assert store.notify(due, "sweeper3") == []


def test_the_search_for_due_jobs_uses_the_small_index(
    post: Post, notified: Notified, database: Database[Document]
) -> None:
    database["things"].insert_many([{"_id": f"done{number}", "job": {"state": "done"}} for number in range(500)])
    post(due=True)
    database.command("profile", 2)
    notified()
    database.command("profile", 0)
    seen = list(database["system.profile"].find({"ns": f"{database.name}.things"}))
    assert max(entry.get("docsExamined", 0) for entry in seen) <= 2
