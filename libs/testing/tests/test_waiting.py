"""How a test finds what waits too long, and not a busy machine."""

import time
from collections.abc import Callable

import pytest

from testing.waiting import soon


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[], str]]:
    """Make what takes so many seconds, one after the other, by a clock of the test's own."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def make(*seconds: float) -> Callable[[], str]:
        left = iter(seconds)

        def act() -> str:
            clock[0] += next(left)
            return f"done at {clock[0]:.0f}"

        return act

    return make


def test_what_is_quick_once_is_soon(taking: Callable[..., Callable[[], str]]) -> None:
    assert soon(taking(5, 1), seconds=4) == "done at 6"


def test_what_always_waits_is_not(taking: Callable[..., Callable[[], str]]) -> None:
    with pytest.raises(AssertionError, match=r"more than 4 s 3 times; the last time 7\.0 s"):
        soon(taking(5, 6, 7), seconds=4)
