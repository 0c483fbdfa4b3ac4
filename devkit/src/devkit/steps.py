"""Work as a list of steps that can each be taken back: it is done as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devkit.signals import StopRequest
from devkit.terminal import CommandError, complain, say


@dataclass(frozen=True)
class Step:
    """One change, and how it is taken back, also when it was made only in part."""

    title: str
    do: Callable[[], object]
    undo: Callable[[], object]


@dataclass(frozen=True)
class Artifacts:
    """What a release also makes of a version: the step that makes it, and the lines that tell how it is published."""

    step: Step
    publishing: Sequence[str]


def perform(steps: Sequence[Step], stop: StopRequest) -> None:
    """Do the steps; take all of them back when one fails or a stop is requested."""
    begun: list[Step] = []
    try:
        for step in steps:
            stop.check()
            say(step.title)
            begun.append(step)
            step.do()
        stop.check()
    except BaseException:
        say("taking back what was done ...")
        for step in reversed(begun):
            _take_back(step)
        raise


def _take_back(step: Step) -> None:
    try:
        step.undo()
    except (CommandError, OSError) as error:
        # The others are taken back all the same.
        complain(f"`{step.title}` could not be taken back: {error}")
