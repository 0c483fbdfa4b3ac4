"""The combined schedule: one fault after the other, sometimes two at once, for as long as one likes; seeded."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.terminal import say

from .faults import FAULTS, Fault
from .place import NoBiteError, Place

# Seconds between two faults.
PAUSES = (2.0, 12.0)
# Seconds that starting parts and servers again takes at most times.
RESTARTS = 8.0
# How often two happen at once.
PAIRS = 0.3
_SINGLE = ("none", "rolling", "kill-all", "step-down", "kill-child", "freeze-child", "wipe-broker", "two-beats")


@dataclass(frozen=True)
class Step:
    """After a pause in seconds, these at once."""

    pause: float
    faults: Sequence[Fault]

    @property
    def seconds(self) -> float:
        """How long it takes, what was killed being started again included."""
        return self.pause + max(fault.lasts for fault in self.faults) + RESTARTS

    def __str__(self) -> str:
        return f"{self.pause:.0f} s, {' + '.join(fault.name for fault in self.faults)}"


def schedule(*, seed: int, minutes: float) -> list[Step]:
    """Steps that take about so long; the same seed gives the same."""
    dice = random.Random(seed)  # noqa: S311 - not a secret, but to be repeated
    able = [fault for fault in FAULTS if fault.variation in ("", "network") and not fault.small_disk]
    able = [fault for fault in able if fault.name != "none"]
    pairable = [fault for fault in able if fault.name not in _SINGLE]
    steps: list[Step] = []
    left = minutes * 60
    while left > 0:
        faults = [dice.choice(able)]
        if dice.random() < PAIRS and faults[0] in pairable:
            faults.append(dice.choice([each for each in pairable if _target(each) != _target(faults[0])]))
        steps.append(Step(dice.uniform(*PAUSES), faults))
        left -= steps[-1].seconds
    return steps


def combined(*, seed: int, minutes: float) -> Fault:
    """The whole schedule as one fault."""
    steps = schedule(seed=seed, minutes=minutes)

    def inject(place: Place) -> None:
        for number, step in enumerate(steps, start=1):
            say(f"{place.stack.broker}: step {number} of {len(steps)}: {step}")
            place.wait(step.pause)
            with ThreadPoolExecutor(len(step.faults)) as pool:
                for done in [pool.submit(fault.inject, place) for fault in step.faults]:
                    try:
                        done.result()
                    except NoBiteError as error:
                        # Another fault may have left it nothing to bite.
                        say(f"{place.stack.broker}: {error}")

    lasts = sum(step.seconds for step in steps)
    return Fault("combined", inject, lasts, variation="combined", refuses=True)


def _target(fault: Fault) -> str:
    return fault.name.rpartition("-")[2]
