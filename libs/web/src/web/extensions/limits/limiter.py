"""Decides whether a request is one too many: counts those of each caller in windows of a fixed length."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from common.extensions.limits import Rate
from common.owner import EVERYBODY, Owner
from web.extensions.limits.counters import Counters, MemoryCounters

# The part of an IPv6 address that one customer of a network has; within it anybody has any number of addresses.
IPV6_PREFIX = 64


@dataclass(frozen=True)
class Usage:
    """How much of a rate a caller has used: the requests of this window, and the seconds until the next one begins."""

    rate: Rate
    number: int
    reset: int

    @property
    def is_over(self) -> bool:
        """Whether the last request was one too many."""
        return self.number > self.rate.amount

    def headers(self) -> dict[str, str]:
        """Return what tells a client of it (draft-ietf-httpapi-ratelimit-headers-10)."""
        rate = self.rate
        return {
            "RateLimit-Policy": f'"{rate.name}";q={rate.amount};w={rate.seconds}',
            "RateLimit": f'"{rate.name}";r={max(0, rate.amount - self.number)};t={self.reset}',
        }


class Limiter:
    """Counts requests. All processes have the same windows, for these follow from the clock."""

    def __init__(self, counters: Counters, clock: Callable[[], float] = time.time) -> None:
        self._counters, self._clock = counters, clock

    def hit(self, rate: Rate, caller: str) -> Usage:
        """Count one more request of a caller, and return what it has used. Raises CountersAwayError."""
        key, left = window(rate, caller, self._clock())
        # A little longer, for the clocks of machines differ.
        return Usage(rate, self._counters.add(key, rate.seconds + 10), left)


class Failures:
    """Requests of each address that were answered with 401.

    Counted in the memory of this process: it is asked before each request, and a server that is away opens no door.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.time) -> None:
        self._rate, self._clock = rate, clock
        self._counters = MemoryCounters()

    def note(self, caller: str) -> None:
        """Count one more."""
        self._counters.add(window(self._rate, caller, self._clock())[0], self._rate.seconds)

    def usage(self, caller: str) -> Usage:
        """Return what an address has used."""
        key, left = window(self._rate, caller, self._clock())
        return Usage(self._rate, self._counters.get(key), left)


def window(rate: Rate, caller: str, now: float) -> tuple[str, int]:
    """Return the key of the present window, and how many seconds are left of it."""
    number, begun = divmod(now, rate.seconds)
    return f"{rate.name}:{int(number)}:{caller}", ceil(rate.seconds - begun)


def caller_of(owner: Owner, address: str) -> str:
    """Return who is counted: an owner, whose keys and addresses are one, or else an address."""
    return f"address:{network_of(address)}" if owner is EVERYBODY else f"owner:{owner}"


def network_of(address: str) -> str:
    """Return an address as it is counted: of IPv6, the network that one customer has."""
    if ":" not in address:
        return address
    try:
        known = ip_address(address)
    except ValueError:
        return address
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return str(mapped or ip_network(f"{known}/{IPV6_PREFIX}", strict=False).network_address)
