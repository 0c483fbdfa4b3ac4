"""The combined schedule: one fault after the other, sometimes two at once, for as long as one likes; seeded."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devkit.terminal import say

from .faults import FAULTS, Fault
from .place import NoBiteError, Place

# Seconds between two faults.
PAUSES = (2.0, 12.0)
# Seconds by which the last fault may pass the end.
LAST = 15.0
# How often two happen at once.
PAIRS = 0.3
_SINGLE = (
    "none",
    "rolling",
    "kill-all",
    "step-down",
    "kill-child",
    "freeze-child",
    "wipe-broker",
    "two-beats",
    "hostile-message",
)


@dataclass(frozen=True)
class Step:
    """After a pause in seconds, these at once."""

    pause: float
    faults: Sequence[Fault]

    def __str__(self) -> str:
        return f"{self.pause:.0f} s, {' + '.join(fault.name for fault in self.faults)}"


def schedule(*, seed: int) -> Iterator[Step]:
    """Steps without end; the same seed gives the same."""
    dice = random.Random(seed)  # noqa: S311 - not a secret, but to be repeated
    able = [fault for fault in FAULTS if fault.variation in ("", "network") and not fault.small_disk]
    able = [fault for fault in able if fault.name != "none" and not fault.large]
    pairable = [fault for fault in able if fault.name not in _SINGLE]
    while True:
        faults = [dice.choice(able)]
        if dice.random() < PAIRS and faults[0] in pairable:
            faults.append(dice.choice([each for each in pairable if _target(each) != _target(faults[0])]))
        yield Step(dice.uniform(*PAUSES), faults)


def combined(*, seed: int, minutes: float) -> Fault:
    """As many steps of the schedule as fit, as one fault."""

    def inject(place: Place) -> None:
        ends_at = time.monotonic() + minutes * 60
        for number, step in enumerate(schedule(seed=seed), start=1):
            place.wait(min(step.pause, max(0.0, ends_at - time.monotonic())))
            if time.monotonic() >= ends_at:
                break
            left = (ends_at - time.monotonic()) / 60
            say(f"{place.stack.broker}: step {number} after {step}; {left:.0f} minutes left")
            with ThreadPoolExecutor(len(step.faults)) as pool:
                for done in [pool.submit(fault.inject, place) for fault in step.faults]:
                    try:
                        done.result()
                    except NoBiteError as error:
                        # Another fault may have left it nothing to bite.
                        say(f"{place.stack.broker}: {error}")

    return Fault("combined", inject, minutes * 60 + LAST, variation="combined", refuses=True)


def _target(fault: Fault) -> str:
    return fault.name.rpartition("-")[2]
