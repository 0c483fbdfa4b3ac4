"""How a test finds what waits too long, and not a busy machine."""

import time

import pytest

from testing.waiting import soon


def test_what_is_quick_once_is_soon() -> None:
    pauses = iter((0.05, 0.0))

    def act() -> str:
        time.sleep(next(pauses))
        return "done"

    assert soon(act, seconds=0.04) == "done"
    assert list(pauses) == []


def test_what_always_waits_is_not() -> None:
    with pytest.raises(AssertionError, match=r"more than 0\.01 s 3 times"):
        soon(lambda: time.sleep(0.02), seconds=0.01)
