from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from common.mongo import CollectionSpec, Document, apply_indexes
from jobs import stats
from jobs.model import JobKind, JobState, job_indexes
from jobs.stats import COUNTED, job_stats, shown
from jobs.store import JobStore
from testing.documents import stored

from .conftest import ClaimJob, Post


@pytest.fixture
def _indexes(database: Database[Document], kind: JobKind) -> None:
    apply_indexes(database, [CollectionSpec(kind.collection, job_indexes())])


@pytest.mark.usefixtures("_indexes")
def test_open_jobs_are_counted_by_name_and_state_with_the_age_of_the_oldest(
    database: Database[Document], post: Post, claim: ClaimJob, store: JobStore, kind: JobKind
) -> None:
    for job_id in ("old", "new", "ran", "broke", "ended", "stopped"):
        post(job_id)
    hour_ago = stored(database["things"], "old")["job"]["created_at"] - timedelta(hours=1)
    database["things"].update_one({"_id": "old"}, {"$set": {"job.created_at": hour_ago}})
    claim("ran")
    store.fail(claim("broke"), "never")
    store.finish(claim("ended"), {})
    store.cancel("stopped")
    found = {each.state: each for each in job_stats(database, [kind.collection, "nothing"])}
    assert {state: each.count for state, each in found.items()} == {"pending": 2, "running": 1, "failed": 1}
    assert {(each.collection, each.name) for each in found.values()} == {("things", "test.work")}
    assert found[JobState.PENDING].oldest == pytest.approx(3630, abs=30)
    assert found[JobState.RUNNING].oldest == pytest.approx(30, abs=30)


@pytest.mark.usefixtures("_indexes")
def test_counting_reads_no_document_and_nothing_of_what_has_ended(
    database: Database[Document], post: Post, kind: JobKind
) -> None:
    ended = [{"_id": f"done{number}", "job": {"state": "done", "name": "test.work"}} for number in range(500)]
    database["things"].insert_many(ended)
    for number in range(3):
        post(f"job{number}")
    database.command("profile", 2)
    job_stats(database, [kind.collection])
    database.command("profile", 0)
    seen = list(database["system.profile"].find({"ns": f"{database.name}.{kind.collection}"}))
    assert len(seen) > 2
    assert sum(each.get("docsExamined", 0) for each in seen) == 0
    assert sum(each["keysExamined"] for each in seen) < 20


def test_jobs_that_do_not_tell_when_they_were_accepted_have_no_age(
    database: Database[Document], post: Post, kind: JobKind
) -> None:
    post()
    database["things"].update_one({}, {"$unset": {"job.created_at": True}})
    (found,) = job_stats(database, [kind.collection])
    assert (found.count, found.oldest) == (1, None)


@pytest.mark.usefixtures("_indexes")
def test_many_jobs_are_counted_up_to_a_limit_and_the_oldest_is_found_all_the_same(
    database: Database[Document],
    post: Post,
    kind: JobKind,
    monkeypatch: pytest.MonkeyPatch,
    claim: ClaimJob,
) -> None:
    monkeypatch.setattr(stats, "COUNTED", 3)
    for number in range(5):
        post(f"job{number}")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    database["things"].update_one({"_id": "job4"}, {"$set": {"job.created_at": long_ago}})
    (found,) = job_stats(database, [kind.collection])
    assert found.count == 3
    assert found.oldest == pytest.approx(3600, abs=30)


def test_a_person_is_told_that_there_are_more() -> None:
    assert [shown(number) for number in (0, 99_999, COUNTED)] == ["0", "99,999", "100,000+"]
