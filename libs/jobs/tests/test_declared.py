"""A kind of job that nobody would see does not start."""

import pytest

from common.mongo import Indexes
from jobs.declared import UndeclaredJobsError, check_declared, job_collections
from jobs.model import JobKind, job_indexes
from jobs.ticks import COLLECTION

SEND = JobKind("invoice.send", "invoices")
DECLARED = Indexes("invoices", job_indexes())


def test_what_is_declared_is_taken():
    check_declared([SEND], ["invoices", COLLECTION], [DECLARED])


def test_a_collection_that_no_feature_declares_is_refused_by_the_name_of_its_kind():
    with pytest.raises(UndeclaredJobsError, match=r"invoice\.send.*'invoices'"):
        check_declared([SEND], [COLLECTION], [DECLARED])


def test_a_collection_without_the_indexes_of_jobs_is_refused_with_what_is_missing():
    for indexes in ([], [Indexes("invoices", job_indexes()[1:])], [Indexes("others", job_indexes())]):
        with pytest.raises(UndeclaredJobsError, match=r"invoice\.send.*job_state_due"):
            check_declared([SEND], ["invoices"], indexes)


@pytest.fixture
def product(tmp_path, monkeypatch):
    """A package with a feature whose jobs are declared in the way that the recipe shows."""
    feature = tmp_path / "product_of_test" / "invoice"
    feature.mkdir(parents=True)
    for folder in (feature.parent, feature):
        (folder / "__init__.py").touch()
    kinds = 'SEND = JobKind("invoice.send", "invoices")\nPURGE = tick_kind("invoice.purge")\n'
    imports = "from jobs.model import JobKind\nfrom jobs.ticks import tick_kind\n"
    (feature / "jobs.py").write_text(imports + kinds)
    monkeypatch.syspath_prepend(tmp_path)
    return __import__("product_of_test")


def test_the_kinds_of_a_feature_declare_their_collections(product):
    assert job_collections(product) == ("invoices", COLLECTION)
