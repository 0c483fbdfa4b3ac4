"""Windows of a fixed length, counted in memory."""

from common.extensions.limits import Rate
from web.extensions.limits.counters import MemoryCounters
from web.extensions.limits.limiter import Failures, Limiter

RATE = Rate("read", 2, 60)


def test_a_window_ends_and_the_next_one_begins_with_nothing() -> None:
    now = 1_000_020.0
    limiter = Limiter(MemoryCounters(), clock=lambda: now)
    first = [limiter.hit(RATE, "a") for _ in range(3)]
    assert [usage.is_over for usage in first] == [False, False, True]
    assert {usage.reset for usage in first} == {60}
    assert not limiter.hit(RATE, "b").is_over
    now += 59.5
    assert limiter.hit(RATE, "a").is_over
    assert limiter.hit(RATE, "a").reset == 1
    now += 0.5
    assert not limiter.hit(RATE, "a").is_over


def test_failures_are_over_with_their_window() -> None:
    now = 1_000_020.0
    failures = Failures(RATE, clock=lambda: now)
    for _ in range(3):
        failures.note("a")
    assert (failures.usage("a").number, failures.usage("b").number) == (3, 0)
    now += 60
    assert failures.usage("a").number == 0
