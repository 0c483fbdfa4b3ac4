"""What a feature can do with its jobs, over a real MongoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, apply_indexes
from common.paging import ForeignCursorError, PageQuery
from common.queue.clients import QueueClients
from common.resource import NotFoundError
from jobs.backlog import BacklogFullError
from jobs.declared import all_collections
from jobs.keys import KeyConflictError
from jobs.model import JobState
from jobs.resource import JobQuery
from jobs.service import Jobs, WrongStateError
from jobs.store import JobStore
from testing.example import EXAMPLE, EXAMPLES, WORK, Example, compute, example_of
from testing.statements import explained
from testing.waiting import eventually

FIELDS = {"title": "Response times", "values": [3, 1, 2]}
LARGE = {"title": "Large", "values": [number / 7 for number in range(100_000)]}

Accept = Callable[..., Example]
Finish = Callable[[str], Example]


@pytest.fixture
def jobs(clients: QueueClients, database: Database[Document]) -> Jobs:
    apply_indexes(database, all_collections([EXAMPLE]))
    return Jobs(clients)


@pytest.fixture
def create(jobs: Jobs) -> Accept:
    def accept(fields: dict[str, Any] = FIELDS, *, key: str | None = None) -> Example:
        return example_of(jobs.accept(WORK, fields, key=key, request_id="request"))

    return accept


@pytest.fixture
def get(jobs: Jobs) -> Callable[[str], Example]:
    return lambda job_id: example_of(jobs.get(WORK, job_id))


@pytest.fixture
def finish(database: Database[Document], get: Callable[[str], Example]) -> Finish:
    """Does a job as a worker would."""

    def work(job_id: str) -> Example:
        store = JobStore(database[EXAMPLES.name])
        claim = store.claim(job_id, name=WORK.name, owner="worker")
        assert claim is not None
        assert store.finish(claim, compute(claim.document, lambda _: None))
        return get(job_id)

    return work


def ids(jobs: Jobs, **query: Any) -> list[str]:
    return [document["_id"] for document in jobs.page(WORK, JobQuery(**query)).items]


def test_an_accepted_job_is_pending_and_returned_as_it_will_be_read(
    create: Accept, get: Callable[[str], Example]
) -> None:
    example = create()
    assert (example.status, example.progress, example.attempts, example.result) == (JobState.PENDING, 0, 0, None)
    assert get(example.id) == example
    assert example.created_at.tzinfo is not None


def test_what_only_the_work_needs_is_shown_to_no_client(jobs: Jobs, create: Accept) -> None:
    document = jobs.get(WORK, create().id)
    assert document.keys() == {"_id", "title", "job"}
    assert jobs.page(WORK, JobQuery()).items == [document]


def test_a_finished_job_has_its_effect(create: Accept, finish: Finish) -> None:
    example = finish(create().id)
    assert (example.status, example.progress, example.attempts) == (JobState.DONE, 1, 1)
    assert example.result == 2
    assert example.updated_at >= example.created_at


def test_the_workers_are_notified_of_what_is_new(create: Accept, clients: QueueClients) -> None:
    create(key="k")
    create(key="k")
    assert eventually(lambda: clients.queue.waiting()) == 1


def test_the_same_key_and_fields_return_the_same_job(create: Accept, finish: Finish) -> None:
    first = create(key="k")
    finish(first.id)
    again = create(key="k")
    assert (again.id, again.status) == (first.id, JobState.DONE)


def test_the_same_key_with_other_fields_is_refused(create: Accept) -> None:
    create(key="k")
    for fields in ({**FIELDS, "values": [3, 1, 2.5]}, {**FIELDS, "title": "Another"}):
        with pytest.raises(KeyConflictError):
            create(fields, key="k")


def test_of_fifty_requests_at_once_with_one_key_one_is_new(create: Accept, database: Database[Document]) -> None:
    with ThreadPoolExecutor(16) as pool:
        examples = list(pool.map(lambda _: create(key="k"), range(50)))
    assert len({example.id for example in examples}) == 1
    assert database[EXAMPLES.name].count_documents({}) == 1


def test_without_any_index_one_key_makes_one_job(clients: QueueClients, database: Database[Document]) -> None:
    jobs = Jobs(clients)
    with ThreadPoolExecutor(16) as pool:
        documents = list(pool.map(lambda _: jobs.accept(WORK, FIELDS, key="k", request_id="request"), range(48)))
    assert len({document["_id"] for document in documents}) == 1
    assert database[EXAMPLES.name].count_documents({}) == 1
    assert list(database[EXAMPLES.name].index_information()) == ["_id_"]


def test_a_key_is_free_again_after_a_day(create: Accept, database: Database[Document]) -> None:
    first = create(key="k")
    database["job_keys"].update_one({}, {"$set": {"expires_at": datetime.now(UTC)}})
    assert create({"title": "Another", "values": [1]}, key="k").id != first.id


def test_a_full_backlog_refuses_what_is_new_and_returns_what_was_accepted(environ: dict[str, str]) -> None:
    with QueueClients(Settings.load({**environ, "JOB_MAX_PENDING": "1"}, env_files=())) as clients:
        jobs = Jobs(clients)
        first = jobs.accept(WORK, FIELDS, key="k", request_id="request")

        def refused() -> str:
            try:
                jobs.accept(WORK, FIELDS, request_id="request")
            except BacklogFullError as error:
                return str(error)
            return ""

        assert eventually(refused) == "1 jobs wait already. Nothing was accepted."
        assert jobs.accept(WORK, FIELDS, key="k", request_id="request")["_id"] == first["_id"]


def test_jobs_are_listed_newest_first_page_by_page(jobs: Jobs, create: Accept, finish: Finish) -> None:
    made = [create().id for _ in range(5)]
    first = jobs.page(WORK, JobQuery(limit=3))
    rest = jobs.page(WORK, JobQuery(limit=3, cursor=first.next_cursor))
    assert [document["_id"] for document in [*first.items, *rest.items]] == sorted(made, reverse=True)
    assert rest.next_cursor is None
    finish(made[2])
    assert ids(jobs, status=JobState.DONE) == [made[2]]


def test_a_cursor_serves_only_the_status_that_it_was_made_for(jobs: Jobs, create: Accept) -> None:
    create()
    create()
    cursor = jobs.page(WORK, JobQuery(limit=1, status=JobState.PENDING)).next_cursor
    assert len(ids(jobs, status=JobState.PENDING, cursor=cursor)) == 1
    for status in (None, JobState.DONE):
        with pytest.raises(ForeignCursorError):
            ids(jobs, status=status, cursor=cursor)


def test_deleting_cancels_what_lives_and_removes_what_has_ended(
    jobs: Jobs, create: Accept, finish: Finish, get: Callable[[str], Example]
) -> None:
    pending = create()
    jobs.cancel_or_delete(WORK, pending.id)
    assert get(pending.id).status is JobState.CANCELLED
    jobs.cancel_or_delete(WORK, pending.id)
    done = create()
    finish(done.id)
    jobs.cancel_or_delete(WORK, done.id)
    for job_id in (pending.id, done.id, "0" * 24):
        with pytest.raises(NotFoundError, match="There is no such example"):
            jobs.get(WORK, job_id)
        with pytest.raises(NotFoundError):
            jobs.cancel_or_delete(WORK, job_id)


def test_only_a_failed_job_is_retried(jobs: Jobs, create: Accept, database: Database[Document]) -> None:
    job_id, store = create().id, JobStore(database[EXAMPLES.name])
    with pytest.raises(WrongStateError, match="The example is pending"):
        jobs.retry(WORK, job_id, request_id="request")
    claim = store.claim(job_id, name=WORK.name, owner="worker")
    assert claim is not None
    store.fail(claim, "it broke")
    example = example_of(jobs.retry(WORK, job_id, request_id="request"))
    assert (example.status, example.attempts, example.error) == (JobState.PENDING, 1, "it broke")
    with pytest.raises(NotFoundError):
        jobs.retry(WORK, "0" * 24, request_id="request")


def test_a_large_job_is_done_and_no_statement_carries_its_payload(
    jobs: Jobs, create: Accept, finish: Finish, database: Database[Document]
) -> None:
    example = create(LARGE, key="k")
    size = database[EXAMPLES.name].find_one({}, {"size": {"$bsonSize": "$$ROOT"}})
    assert size is not None
    assert size["size"] < 1000
    assert create(LARGE, key="k") == example
    assert finish(example.id).result == pytest.approx(99_999 / 14)
    jobs.cancel_or_delete(WORK, example.id)
    assert database["examples.payloads"].count_documents({}) == 0
    assert create(LARGE, key="k").id != example.id, "the key is free again"


@pytest.mark.parametrize("status", [None, JobState.PENDING, JobState.DONE])
def test_a_page_reads_as_many_jobs_as_it_shows(
    settings: Settings, database: Database[Document], status: JobState | None
) -> None:
    apply_indexes(database, all_collections([EXAMPLE]))
    # Far more than it may read, and few enough to be written within the limit of one operation on a busy machine.
    for first, state in ((0, "pending"), (2000, "done")):
        numbers = range(first, first + 2000)
        database[EXAMPLES.name].insert_many({"_id": f"{number:024x}", "job": {"state": state}} for number in numbers)
    with explained(settings, database) as (watched, reads):
        jobs = Jobs(cast("QueueClients", SimpleNamespace(settings=settings, database=watched)))
        page = jobs.page(WORK, JobQuery(limit=20, status=status))
        rest = jobs.page(WORK, JobQuery(limit=20, status=status, cursor=page.next_cursor))
        jobs.get(WORK, page.items[0]["_id"])
    assert len({document["_id"] for document in [*page.items, *rest.items]}) == 40
    assert [(read.keys, read.documents) for read in reads] == [(21, 21), (21, 21), (1, 1)]


def test_a_query_takes_at_most_a_hundred() -> None:
    with pytest.raises(ValueError, match="less than or equal to 100"):
        PageQuery(limit=101)
