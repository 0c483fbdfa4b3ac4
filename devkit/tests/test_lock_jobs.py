"""The lock of the worker."""

from .conftest import ROOT
from .test_lock import versions


def test_the_worker_locks_what_it_runs_on_and_not_what_the_api_does() -> None:
    names = versions(ROOT / "requirements" / "worker.txt").keys()
    assert "celery" in names
    assert "flask" not in names
