"""What locust brings along stays apart."""

from devkit.lock import locks

from .conftest import ROOT
from .test_lock import versions


def test_what_patches_the_standard_library_is_locked_apart() -> None:
    assert "locust" in versions(ROOT / "requirements" / "stress.txt")
    assert not [lock for lock in locks() if not lock.apart and {"locust", "gevent"} & versions(lock.path).keys()]
