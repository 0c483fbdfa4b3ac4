"""What the features declare of their jobs; a kind that could not run, or that nothing would show, is refused."""

import pytest

from common.config import Settings
from common.feature import Feature, FeatureError
from common.mongo import CollectionSpec
from jobs.declared import all_collections, check_work, job_collections, job_kinds, schedules
from jobs.feature import JobFeature
from jobs.model import JobKind, job_indexes, listing_indexes
from jobs.ticks import COLLECTION, tick
from testing.example import EXAMPLE, EXAMPLES, TICK, WORK

SEND = JobKind("invoice.send", "invoices")
INVOICES = CollectionSpec("invoices")


def test_kinds_are_known_by_their_names() -> None:
    assert job_kinds([EXAMPLE]) == {"example.work": WORK, "example.tick": TICK}


def test_the_collections_of_kinds_are_those_that_carry_jobs_and_the_ticks_are_the_last() -> None:
    invoice = JobFeature("invoice", collections=[INVOICES, CollectionSpec("addresses")], jobs=[SEND])
    assert job_collections([Feature("hello"), EXAMPLE, invoice]) == ("examples", "invoices", COLLECTION)


def test_a_collection_that_carries_jobs_has_their_indexes_beside_its_own() -> None:
    invoice = JobFeature("invoice", collections=[INVOICES, CollectionSpec("addresses")], jobs=[SEND])
    names = {
        collection.name: [index.document["name"] for index in collection.indexes]
        for collection in all_collections([EXAMPLE, invoice])
    }
    of_jobs = [index.document["name"] for index in job_indexes()]
    assert names["examples"] == [*of_jobs, *(index.document["name"] for index in listing_indexes())]
    assert (names["invoices"], names["addresses"]) == (of_jobs, [])
    assert {COLLECTION, "job_keys", "processes"} < names.keys()


def test_schedules_have_their_times_from_the_settings() -> None:
    sections = [section for section in [EXAMPLE.settings] if section]
    settings = Settings.load({"EXAMPLE_TICK_EVERY": "60"}, env_files=(), sections=sections)
    (schedule,) = schedules(job_kinds([EXAMPLE]).values(), settings)
    assert (schedule.kind, schedule.every) == (TICK, 60)


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        (["invoice.send"], "jobs holds 'invoice.send'"),
        ([INVOICES], r"jobs holds CollectionSpec"),
        ([JobKind("order.send", "invoices")], r"the name of the job order\.send has to begin with invoice\."),
        ([JobKind("invoice.send", "orders")], r"invoice\.send is in the collection 'orders'"),
        ([SEND, JobKind("invoice.send", "invoices", payload=("text",))], r"two jobs are called invoice\.send"),
        ([tick("order.purge", every=lambda _: 60)], r"the name of the job order\.purge"),
    ],
)
def test_a_kind_that_is_declared_wrongly_is_refused_by_its_name(jobs: list[JobKind], message: str) -> None:
    with pytest.raises(FeatureError, match=f"^invoice: {message}"):
        job_kinds([JobFeature("invoice", collections=[INVOICES], jobs=jobs)])


def test_a_job_without_a_task_is_refused() -> None:
    with pytest.raises(FeatureError, match=r"^invoice: no task works on invoice\.send.*tasks/invoice\.py"):
        check_work({SEND.name: SEND}, {})


def test_a_task_for_another_job_of_the_same_name_is_no_task_for_it() -> None:
    with pytest.raises(FeatureError, match=r"^invoice: no task works on invoice\.send"):
        check_work({SEND.name: SEND}, {SEND.name: JobKind("invoice.send", "others")})


def test_a_task_whose_job_no_feature_declares_is_refused() -> None:
    with pytest.raises(FeatureError, match=r"^invoice: invoice\.send is not declared"):
        check_work({}, {SEND.name: SEND})


def test_the_collection_of_the_example_is_what_its_kind_names() -> None:
    check_work(job_kinds([EXAMPLE]), {WORK.name: WORK, TICK.name: TICK})
    assert WORK.collection == EXAMPLES.name
