"""What grows with what: a page and a claim with documents, jobs with workers, and what all parts use at rest."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from common import brokers
from devkit import env, ports
from devkit.bench import cores
from devkit.bench.aims import at_most
from devkit.bench.figures import Figure, figure
from devkit.bench.load import memory_of
from devkit.bench.peers import PROGRAMS, output, running, wait
from devkit.bench.report import Bars, Report, Table, own_versions
from devkit.bench.stack import burst_through, count_done, measured_stack
from devkit.servers.private import Servers, private_environ
from devkit.servers.server import Context
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.stack.processes import worker
from devkit.stack.specs import environ_of
from devkit.terminal import progress

DOCUMENTS, ROUNDS, CALLS, REQUESTS, SECONDS = 1_000_000, 5, 40, 500, 60.0
SMALLEST = 1000
# Workers, and the children of each; the first is how the product is delivered, and is looked at while it rests.
SHAPES = ((1, 2), (1, 1), (1, 4), (2, 2))
# Percent of one core that all parts use together while nothing is to be done.
AIM_IDLE = 3.0
WARM_UP = 50
# Windows of the rest, for a spread, and seconds until it begins.
_WINDOWS, _SETTLE = 3, 10.0

Check = Callable[[], None]


@dataclass
class Measured:
    """Milliseconds by what and by documents, jobs per second by shape, and percent of a core and MB by part."""

    times: dict[str, dict[str, Figure]] = field(default_factory=dict)
    speed: dict[str, Figure] = field(default_factory=dict)
    idle: dict[str, Figure] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    @property
    def all_idle(self) -> Figure:
        """Percent of a core of all parts together."""
        return figure([sum(window) for window in zip(*(each.rounds for each in self.idle.values()), strict=True)])


def measure(
    folder: Path,
    *,
    documents: int = DOCUMENTS,
    rounds: int = ROUNDS,
    requests: int = REQUESTS,
    seconds: float = SECONDS,
    report_only: bool = False,
    shapes: Sequence[tuple[int, int]] = SHAPES,
) -> int:
    """Measure, print and write the figures, and return 1 when the parts use more at rest than they are to.

    `documents` is the largest collection, `requests` are the jobs of each round, `seconds` is how long nothing is done.
    """
    measured = Measured(_times(documents, rounds))
    for workers, children in shapes:
        name = f"{workers} worker{'s' * (workers > 1)} of {children} child{'ren' * (children > 1)}"
        with measured_stack(WORKER_CONCURRENCY=str(children)) as (stack, check), ExitStack() as opened:
            for number in range(2, workers + 1):
                opened.enter_context(_further_worker(stack, number, check))
            measured.speed[name] = _speed(stack, name, rounds, requests, check)
            if not measured.idle:
                _rest(stack, measured, seconds, check)
    return report(measured, seconds).publish(folder, report_only=report_only)


def sizes(most: int) -> list[int]:
    """Return how many documents there are each time: ten times as many as before, up to the most."""
    found = [SMALLEST]
    while found[-1] * 10 <= most:
        found.append(found[-1] * 10)
    return found


def _times(documents: int, rounds: int) -> dict[str, dict[str, Figure]]:
    stop, times = StopRequest(), dict[str, dict[str, Figure]]()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as data,
        Servers(Path(data), private_environ(MONGO_DATABASE="bench")) as servers,
    ):
        servers.up("mongo")
        for size in sizes(documents):
            stop.check()
            with progress(f"a page and a claim with {size} documents"):
                command = [sys.executable, str(PROGRAMS / "bench_growth.py"), str(size), str(rounds), str(CALLS)]
                told = json.loads(output(command, env=servers.environ))
            for what, name in (("page", "a page of 20"), ("claim", "the next job found and claimed")):
                times.setdefault(name, {})[f"{size} documents"] = figure(told[what])
    return times


@contextmanager
def _further_worker(stack: PrivateStack, number: int, check: Check) -> Iterator[None]:
    """Run one more worker on the servers of a stack."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        environ = {**stack.environ, "METRICS_PORT": str(ports.unused())}
        context = Context(folder, env.load(environ=environ))
        heartbeat = folder / "heartbeat"
        spec = worker.process(context, heartbeat, folder / "metrics")
        spec = replace(spec, command=tuple(word.replace("worker1@", f"worker{number}@") for word in spec.command))
        with running(f"worker{number}", spec.command, folder, environ_of(spec, environ)) as started:
            wait(started, folder / f"worker{number}.log", heartbeat.exists, check)
            yield


def _speed(stack: PrivateStack, name: str, rounds: int, requests: int, check: Check) -> Figure:
    """Return the jobs per second of some bursts; one before them is not counted."""
    speeds = []
    with progress(f"jobs per second with {name}", rounds + 1) as show:
        for number in range(rounds + 1):
            count = requests if number else min(WARM_UP, requests)
            took, _ = burst_through(stack.url, stack.headers, count, lambda: count_done(stack), check)
            speeds.append(count / took)
            show(number + 1)
    return figure(speeds[1:])


def _rest(stack: PrivateStack, measured: Measured, seconds: float, check: Check) -> None:
    """Note what each part uses while nothing is to be done."""
    components = {"broker" if name in brokers.names() else name: pid for name, pid in stack.pids.items()}
    pids = {**components, "supervisor": stack.process.pid}
    parts: dict[str, list[float]] = {name: [] for name in pids}
    with progress(f"what all parts use in {seconds:.0f} s without work", _WINDOWS):
        _pause(min(_SETTLE, seconds), check)
        for _ in range(_WINDOWS):
            before, began = _computed(pids), time.monotonic()
            _pause(seconds / _WINDOWS, check)
            after, spent = _computed(pids), time.monotonic() - began
            for name in pids:
                parts[name].append(100 * (after[name] - before[name]) / spent)
    measured.idle = {name: figure(each) for name, each in parts.items()}
    found = memory_of(components)
    measured.memory = {
        name: sum(size for own, size in found.items() if own == name or own.startswith(f"{name} "))
        for name in components
    }
    measured.memory["supervisor"] = psutil.Process(stack.process.pid).memory_info().rss / 2**20


def _pause(seconds: float, check: Check) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check()
        # Seldom, for looking is work too.
        time.sleep(min(0.5, max(deadline - time.monotonic(), 0)))


def _computed(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds of a core that each part has used, its children with it; the supervisor's are the parts."""
    return {name: cores.used(pid, children=name != "supervisor") for name, pid in pids.items()}


def report(measured: Measured, seconds: float, aim: float = AIM_IDLE) -> Report:
    """Return the figures, beside the aim of what all parts use at rest."""
    columns = list(next(iter(measured.times.values())))
    times = [[what, *(str(own[column]) for column in columns)] for what, own in measured.times.items()]
    parts = [(name, str(each), f"{measured.memory[name]:.0f}") for name, each in measured.idle.items()]
    total = ("all together", str(measured.all_idle), f"{sum(measured.memory.values()):.0f}")
    return Report(
        "growth",
        "What grows with what",
        [
            Table("milliseconds, median ± spread", ("", *columns), times),
            Table("jobs per second through the API", ("", "jobs/s"), _rows(measured.speed)),
            Table(f"in {seconds:.0f} s without work", ("", "% of a core", "MB of memory"), [*parts, total]),
        ],
        [at_most("all parts at rest, of a core", measured.all_idle, aim, " %")],
        [
            *(Bars(f"{what}, ms", own) for what, own in measured.times.items()),
            Bars("jobs per second", measured.speed),
            Bars("at rest, % of a core", measured.idle),
        ],
        own_versions("celery", "granian", "pymongo"),
        spread_over_cores=True,
    )


def _rows(figures: Mapping[str, Figure]) -> Sequence[tuple[str, str]]:
    return [(name, str(each)) for name, each in figures.items()]
