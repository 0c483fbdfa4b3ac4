"""What README.md says of the worker is so."""

from .test_readme import declared


def test_celery_is_declared() -> None:
    assert "celery" in declared()
