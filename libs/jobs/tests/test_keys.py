"""A request that comes twice under one key makes one job, whatever happens in between; no index is needed for it."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol, TypeAlias

import pytest
from pymongo.database import Database

from common.mongo import Document, apply_indexes, index_drift
from jobs import keys
from jobs.accept import accept, accepted_before
from jobs.keys import KeyConflictError, UniqueKey
from jobs.model import JobKind, new_job
from jobs.store import JobStore
from testing.documents import stored

KEY = UniqueKey("test", "k", digest="one")
OTHER = UniqueKey("test", "k", digest="another")
LONG = {"values": [0.5] * 3000}

End: TypeAlias = Callable[[str], None]


class Post(Protocol):
    """What the fixture `post` is: it answers the job's id, and whether the job is new."""

    def __call__(self, key: UniqueKey = KEY, payload: Mapping[str, Any] = LONG) -> tuple[str, bool]: ...


@pytest.fixture
def jobs(database: Database[Document]) -> JobStore:
    """Without any index in the database but those on `_id`."""
    return JobStore(database["things"])


@pytest.fixture
def post(jobs: JobStore, kind: JobKind) -> Post:
    numbers = count()

    def accept_one(key: UniqueKey = KEY, payload: Mapping[str, Any] = LONG) -> tuple[str, bool]:
        document = {"_id": f"job{next(numbers)}", "job": new_job(kind, request_id="request")}
        found, is_new = accept(jobs, document, payload, key=key)
        return found["_id"], is_new

    return accept_one


@pytest.fixture
def end(jobs: JobStore, kind: JobKind) -> End:
    """Does a job's work."""

    def finish(job_id: str) -> None:
        claim = jobs.claim(job_id, name=kind.name, owner="w")
        assert claim is not None
        assert jobs.finish(claim, {})

    return finish


def test_the_same_key_and_request_answer_the_first_job(post: Post, end: End) -> None:
    assert post() == ("job0", True)
    assert post() == ("job0", False)
    end("job0")
    assert post() == ("job0", False)


def test_another_request_with_the_same_key_is_refused(post: Post, jobs: JobStore) -> None:
    post()
    with pytest.raises(KeyConflictError):
        post(OTHER)
    with pytest.raises(KeyConflictError):
        accepted_before(jobs, OTHER)


def test_keys_of_other_features_and_owners_are_others(post: Post) -> None:
    for number, key in enumerate(
        [KEY, UniqueKey("test2", "k", "one"), UniqueKey("test", "k", "one", owner="a"), UniqueKey("test", "k2", "one")]
    ):
        assert post(key) == (f"job{number}", True)


@pytest.mark.parametrize("payload", [LONG, {"values": [1]}])
def test_of_many_who_ask_at_once_one_makes_the_job(
    post: Post, database: Database[Document], payload: Mapping[str, Any]
) -> None:
    for number in range(10):
        key = UniqueKey("test", f"k{number}", "one")
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, key=key: post(key, payload), range(48)))
        assert len({job_id for job_id, _ in answers}) == 1
        assert sum(is_new for _, is_new in answers) == 1
    assert database["things"].count_documents({}) == 10
    assert list(database["things"].index_information()) == ["_id_"]


def test_whoever_finds_a_key_without_its_job_makes_it_under_its_id(post: Post, jobs: JobStore) -> None:
    assert jobs.keys.take(KEY, "first") == "first"
    assert accepted_before(jobs, KEY) is None, "nothing was promised"
    assert post() == ("first", True)
    assert post() == ("first", False)
    found = accepted_before(jobs, KEY)
    assert found is not None
    assert found["_id"] == "first"


def test_a_key_is_free_again_when_its_job_is_removed(
    post: Post, end: End, jobs: JobStore, database: Database[Document]
) -> None:
    post()
    end("job0")
    assert jobs.remove("job0")
    assert database[keys.COLLECTION].count_documents({}) == 0
    assert post(OTHER) == ("job1", True)


def test_who_died_between_removing_a_job_and_its_key_leaves_a_key_that_makes_it_anew(
    post: Post, end: End, database: Database[Document]
) -> None:
    post()
    end("job0")
    database["things"].delete_one({"_id": "job0"})
    assert post() == ("job0", True)


def test_purging_frees_the_keys_too(
    post: Post, end: End, jobs: JobStore, kind: JobKind, database: Database[Document]
) -> None:
    post()
    end("job0")
    assert jobs.purge(kind.name, timedelta(seconds=-1)) == 1
    assert database[keys.COLLECTION].count_documents({}) == 0


def test_an_expired_key_that_still_stands_is_replaced_and_stays_when_the_old_job_goes(
    post: Post, end: End, jobs: JobStore, database: Database[Document]
) -> None:
    post()
    end("job0")
    database[keys.COLLECTION].update_one({}, {"$set": {"expires_at": datetime.now(UTC)}})
    assert accepted_before(jobs, KEY) is None
    assert post(OTHER) == ("job1", True)
    assert jobs.remove("job0")
    assert post(OTHER) == ("job1", False)


def test_of_many_who_find_an_expired_key_at_once_one_makes_the_job(post: Post, database: Database[Document]) -> None:
    post()
    database[keys.COLLECTION].update_one({}, {"$set": {"expires_at": datetime.now(UTC)}})
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(), range(48)))
    assert (len(set(answers)), sum(is_new for _, is_new in answers)) == (2, 1)
    assert {job_id for job_id, _ in answers} != {"job0"}


def test_a_key_lives_for_a_day(post: Post, database: Database[Document]) -> None:
    apply_indexes(database, [keys.INDEXES])
    assert index_drift(database, [keys.INDEXES]) == []
    before = datetime.now(UTC)
    post()
    lives = stored(database[keys.COLLECTION])["expires_at"] - before
    assert timedelta(hours=24) <= lives + timedelta(seconds=1) < timedelta(hours=24, minutes=1)


def test_a_key_that_looks_like_an_expression_is_text(post: Post) -> None:
    key = UniqueKey("test", "$expires_at", digest="$$ROOT")
    assert post(key) == ("job0", True)
    assert post(key) == ("job0", False)
