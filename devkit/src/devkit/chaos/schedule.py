"""The combined schedule: one fault after the other, sometimes two at once, in an order that a seed decides."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devkit.terminal import say

from . import variations
from .context import FaultContext, NoEffectError
from .faults import FAULTS, Fault

# Seconds between two faults, and by which the last fault may pass the end.
_PAUSES, _OVERTIME = (2.0, 12.0), 15.0
# How often two happen at once.
_PAIRS = 0.3
_ALONE = {"rolling", "kill-all", "step-down", "kill-child", "freeze-child", "wipe-broker", "two-beats"}
_ALONE |= {"hostile-message"}


@dataclass(frozen=True)
class Step:
    """Faults that happen at once, after a pause in seconds."""

    pause: float
    faults: Sequence[Fault]

    def __str__(self) -> str:
        return f"{self.pause:.0f} s, {' + '.join(fault.name for fault in self.faults)}"


def schedule(*, seed: int) -> Iterator[Step]:
    """Yield steps without end; the same seed gives the same steps."""
    random_ = random.Random(seed)  # noqa: S311 - not a secret, but reproducible
    possible = [fault for fault in FAULTS if _fits_any_stack(fault)]
    pairable = [fault for fault in possible if fault.name not in _ALONE]
    while True:
        faults = [random_.choice(possible)]
        if random_.random() < _PAIRS and faults[0] in pairable:
            faults.append(random_.choice([other for other in pairable if _target(other) != _target(faults[0])]))
        yield Step(random_.uniform(*_PAUSES), faults)


def combined_fault(*, seed: int, minutes: float) -> Fault:
    """Return as many steps of the schedule as fit, as one fault."""

    def inject(context: FaultContext) -> None:
        ends_at = time.monotonic() + minutes * 60
        for number, step in enumerate(schedule(seed=seed), start=1):
            context.wait(min(step.pause, max(0.0, ends_at - time.monotonic())))
            if time.monotonic() >= ends_at:
                break
            left = (ends_at - time.monotonic()) / 60
            say(f"{context.stack.broker}: step {number} after {step}; {left:.0f} minutes left")
            _inject_all(context, step.faults)

    duration = minutes * 60 + _OVERTIME
    return Fault("combined", inject, duration, vary=variations.half_networked, refuses=True)


def _inject_all(context: FaultContext, faults: Sequence[Fault]) -> None:
    with ThreadPoolExecutor(len(faults)) as pool:
        for injection in [pool.submit(fault.inject, context) for fault in faults if fault.inject]:
            try:
                injection.result()
            except NoEffectError as error:
                # The other fault may have prevented it.
                say(f"{context.stack.broker}: {error}")


def _fits_any_stack(fault: Fault) -> bool:
    usual = fault.vary in (variations.usual, variations.networked)
    return usual and fault.inject is not None and not fault.small_disk and not fault.large


def _target(fault: Fault) -> str:
    return fault.name.rpartition("-")[2]
