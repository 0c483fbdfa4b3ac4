"""Numbers in memory, and those of a server that may be away."""

import pytest

from web.extensions.limits.counters import BACKOFF, CountersAwayError, MemoryCounters, SteadyCounters


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Counters that are away when a test says so."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0

    def add(self, key: str, seconds: int) -> int:
        self.asked += 1
        if self.is_away:
            raise CountersAwayError("ConnectionError")
        return self.asked


def test_each_key_has_its_number() -> None:
    counters = MemoryCounters()
    assert [counters.add(key, 60) for key in ("a", "a", "b", "a")] == [1, 2, 1, 3]
    assert (counters.get("a"), counters.get("c")) == (3, 0)


def test_numbers_are_forgotten_when_they_are_over() -> None:
    clock = Clock()
    counters = MemoryCounters(clock=clock)
    for key in "abc":
        counters.add(key, 60)
    clock.now += 61
    counters.add("d", 60)
    counters.add("e", 60)
    assert [counters.get(key) for key in "abcde"] == [0, 0, 0, 1, 1]


def test_whatever_comes_takes_a_bounded_place() -> None:
    counters = MemoryCounters(capacity=10)
    for number in range(1000):
        counters.add(str(number), 60)
    assert sum(counters.get(str(number)) for number in range(1000)) <= 11
    assert counters.get("999") == 1


def test_a_server_that_is_away_is_asked_again_by_one_request_each_few_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    clock, server = Clock(), Server()
    counters = SteadyCounters(server, clock)
    server.is_away = True
    for _ in range(50):
        with pytest.raises(CountersAwayError):
            counters.add("a", 60)
    assert server.asked == 1
    clock.now += BACKOFF
    for _ in range(50):
        with pytest.raises(CountersAwayError):
            counters.add("a", 60)
    assert server.asked == 2
    clock.now += BACKOFF
    server.is_away = False
    assert [counters.add("a", 60) for _ in range(3)] == [3, 4, 5]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"], "each change is told once"
