"""Requests to the product, beside Flask alone and FastAPI with the same duties: one process on one core each."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import httpx2

from devkit.apart import ensure_apart
from devkit.bench import cores, sending
from devkit.bench.aims import Aim, at_least
from devkit.bench.figures import Figure, figure, ratio
from devkit.bench.report import Bars, Report, Table, own_versions, peer_versions
from devkit.bench.subjects import BASE, FASTAPI, FLASK, OURS, Subject, served
from devkit.signals import StopRequest
from devkit.terminal import CommandError, progress

ROUNDS, SECONDS, CONNECTIONS = 7, 3.0, 16
# Seconds before the first round, at most.
WARM_UP = 2.0
DOCUMENTS = 1000
# Our requests per second as a part of the peer's: at least this.
AIMS = {
    "hello": {FLASK: 0.7, FASTAPI: 1.8},
    "document by id": {FLASK: 0.85, FASTAPI: 1.5},
    "page of 20": {FLASK: 0.9, FASTAPI: 1.2},
}
# What sends and is busy for longer than this part of the time might be what is measured.
_BUSY = 0.5

# In each round, by request and by server.
PerRound = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Rounds:
    """Requests per second, milliseconds of a core for one, and the part of a core that the sender used at most."""

    rates: PerRound
    computed: PerRound
    busy: float


def measure(folder: Path, *, rounds: int = ROUNDS, seconds: float = SECONDS, report_only: bool = False) -> int:
    """Measure, print and write the figures, and return 1 when an aim is missed by more than the spread."""
    python, stop = ensure_apart("bench"), StopRequest()
    # This process sends too; what is measured has its core for itself.
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as data,
        cores.held_to(cores.others()),
        served(Path(data), python, DOCUMENTS, stop.check) as subjects,
    ):
        _need_same_answers(subjects)
        measured = _measure(subjects, rounds, seconds, stop.check)
    return report(measured).publish(folder, report_only=report_only)


def report(measured: Rounds, aims: Mapping[str, Mapping[str, float]] = AIMS) -> Report:
    """Return the figures of some rounds beside the aims."""
    figures, computed, busy = _figures(measured.rates), _figures(measured.computed), measured.busy
    names = list(next(iter(figures.values())))
    ratios = [_ratio_row(what, own) for what, own in figures.items()]
    note = f"what sends the requests used {busy:.0%} of its core at most"
    doubt = "" if busy <= _BUSY else ", so it may be what was measured in place of the fastest server"
    return Report(
        "api",
        "Requests per second, one process on one core, 16 connections",
        [
            Table(
                "requests per second, median ± spread", ("", *names), [_row(what, figures[what]) for what in figures]
            ),
            Table("ours, as a part of the other's", ("", *names[1:]), ratios),
            Table("milliseconds of the core for one", ("", *names), [_row(what, computed[what]) for what in computed]),
        ],
        [each for what, own in figures.items() for each in _aims(what, own, aims.get(what, {}))],
        [Bars(what, own) for what, own in figures.items()],
        {**own_versions("flask", "granian", "pymongo"), **peer_versions("flask", "granian", "fastapi", "uvicorn")},
        [note + doubt],
    )


def _figures(measured: PerRound) -> dict[str, dict[str, Figure]]:
    return {what: {name: figure(each) for name, each in own.items()} for what, own in measured.items()}


def _row(what: str, own: Mapping[str, Figure]) -> list[str]:
    return [what, *(str(each) for each in own.values())]


def _ratio_row(what: str, own: Mapping[str, Figure]) -> list[str]:
    return [what, *(str(ratio(own[OURS], each)) for name, each in own.items() if name != OURS)]


def _aims(what: str, own: Mapping[str, Figure], aims: Mapping[str, float]) -> list[Aim]:
    return [at_least(f"{what}: of {name}", ratio(own[OURS], own[name]), limit, " x") for name, limit in aims.items()]


def _measure(subjects: Mapping[str, Subject], rounds: int, seconds: float, check: Callable[[], None]) -> Rounds:
    """Measure all rounds, in which the servers take turns; one before them is not counted."""
    rates: PerRound = {what: {name: [] for name in subjects} for what in AIMS}
    computed: PerRound = {what: {name: [] for name in subjects} for what in AIMS}
    busiest, done = 0.0, 0
    with progress("measuring requests per second", (rounds + 1) * len(AIMS) * len(subjects)) as show:
        for number in range(rounds + 1):
            duration = seconds if number else min(seconds, WARM_UP)
            for what, (name, subject) in product(AIMS, subjects.items()):
                check()
                before = subject.server.computed()
                url = f"{subject.server.url}{_path(subject, what)}"
                sent = sending.get(url, subject.headers, connections=CONNECTIONS, seconds=duration)
                done += 1
                show(done)
                if number:
                    rates[what][name].append(sent.rate)
                    computed[what][name].append(1000 * (subject.server.computed() - before) / sent.answers)
                    busiest = max(busiest, sent.busy)
    return Rounds(rates, computed, busiest)


def _path(subject: Subject, what: str) -> str:
    return BASE + {"hello": "/hello", "page of 20": "/resources?limit=20"}.get(what, f"/resources/{subject.document}")


def _need_same_answers(subjects: Mapping[str, Subject]) -> None:
    """Raise CommandError unless all answer the same, but for what is each one's own."""
    for what in AIMS:
        expected = _shape(_asked(subjects[OURS], what))
        for name, subject in subjects.items():
            if (shape := _shape(_asked(subject, what))) != expected:
                raise CommandError(f"{name} answers {what} by {shape}, and not as ours by {expected}.")


def _asked(subject: Subject, what: str) -> Any:
    answer = httpx2.get(
        f"{subject.server.url}{_path(subject, what)}", headers=subject.headers, timeout=30, trust_env=False
    )
    return answer.raise_for_status().json()


def _shape(answer: Any) -> Any:
    """Return an answer with the length in place of each text, for ids and cursors differ."""
    if isinstance(answer, dict):
        return {name: _shape(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_shape(value) for value in answer]
    return len(answer) if isinstance(answer, str) else answer
