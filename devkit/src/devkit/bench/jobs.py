"""Durable jobs, beside a Celery task with a document and Procrastinate on PostgreSQL, in one run.

Nothing is held to a core: a job passes through five processes on either side, and each side may use the whole machine.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from devkit.apart import ensure_apart
from devkit.bench import postgres, sending
from devkit.bench.aims import Aim, at_least, at_most
from devkit.bench.figures import Figure, figure, ratio
from devkit.bench.job_peers import CeleryPeer, Procrastinate
from devkit.bench.peers import PROGRAMS, output
from devkit.bench.report import Bars, Report, Table, own_versions, peer_versions
from devkit.bench.sending import Sent
from devkit.bench.stack import (
    BODY,
    CONNECTIONS,
    PATH,
    administrator,
    burst_through,
    count_done,
    measured_stack,
    wait_done,
)
from devkit.stack.private import PrivateStack
from devkit.terminal import progress

ROUNDS, REQUESTS, SECONDS = 5, 500, 10.0
WARM_UP = 50
# Jobs per second of the steady part.
RATE = 50
OURS, CELERY = "ours, through the API", "Celery with a document, through Flask"
OURS_ALONE, PROCRASTINATE = "ours, without HTTP", "Procrastinate on PostgreSQL, without HTTP"
STEADY = f"ours, {RATE} jobs/s"
AIMS = {"celery": 1.2, "procrastinate": 1.2, "p50": 20.0, "p99": 60.0, "commands": 3.3}
# Commands that this measurement itself sends to MongoDB.
_OWN = ("count", "serverStatus", "saslStart", "saslContinue")

Check = Callable[[], None]


@dataclass
class Rounds:
    """Jobs per second in each round, by who does them; milliseconds of our POSTs, and commands to MongoDB for a job."""

    speed: dict[str, list[float]] = field(default_factory=dict)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    commands: list[float] = field(default_factory=list)
    most_common: Counter[str] = field(default_factory=Counter)
    steady_jobs: int = 0


def measure(
    folder: Path,
    *,
    rounds: int = ROUNDS,
    requests: int = REQUESTS,
    seconds: float = SECONDS,
    report_only: bool = False,
    programs: Path | None = None,
) -> int:
    """Measure all in turns, print and write the figures, and return 1 when an aim is missed by more than the spread.

    `requests` are the jobs of each burst, `seconds` is how long jobs come at a steady rate in each round. `programs`
    are those of PostgreSQL; without them it is left out, and said so.
    """
    python, measured = ensure_apart("bench"), Rounds()
    with ExitStack() as opened:
        stack, check = opened.enter_context(measured_stack())
        data = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        with progress("starting the peers"):
            celery = opened.enter_context(CeleryPeer(data, python, stack, check))
            address = opened.enter_context(postgres.serving(programs, check)) if programs else ""
            other = opened.enter_context(Procrastinate(data, python, address, check)) if address else None

        def through_ours(count: int) -> tuple[float, Sent]:
            return burst_through(stack.url, stack.headers, count, lambda: count_done(stack), check)

        def through_celery(count: int) -> tuple[float, Sent]:
            celery.forget()
            return burst_through(celery.url, {}, count, celery.count_done, check)

        bursts: dict[str, Callable[[int], tuple[float, Sent | None]]] = {
            OURS: through_ours,
            CELERY: through_celery,
            OURS_ALONE: lambda count: (_alone(stack, count), None),
        }
        if other is not None:
            burst = other.burst
            bursts[PROCRASTINATE] = lambda count: (burst(count, CONNECTIONS), None)
        _take_turns(stack, bursts, measured, rounds, requests, seconds, check)
    found = f"PostgreSQL {postgres.version(programs)}" if programs else ""
    return report(measured, found).publish(folder, report_only=report_only)


def _take_turns(
    stack: PrivateStack,
    bursts: Mapping[str, Callable[[int], tuple[float, Sent | None]]],
    measured: Rounds,
    rounds: int,
    requests: int,
    seconds: float,
    check: Check,
) -> None:
    measured.speed |= {name: [] for name in bursts}
    with progress("measuring jobs per second", (rounds + 1) * (len(bursts) + 1)) as show:
        done = 0
        for number in range(rounds + 1):
            count = requests if number else min(WARM_UP, requests)
            for name, burst in bursts.items():
                check()
                took, sent = burst(count)
                done += 1
                show(done)
                if number:
                    measured.speed[name].append(count / took)
                if number and name == OURS and sent is not None:
                    measured.p50.append(sent.p50)
                    measured.p99.append(sent.p99)
            if number:
                _steady(stack, measured, seconds, check)
            done += 1
            show(done)


def _alone(stack: PrivateStack, count: int) -> float:
    command = [sys.executable, str(PROGRAMS / "bench_accept.py"), str(count), str(CONNECTIONS)]
    return float(json.loads(output(command, env=stack.environ))["seconds"])


def _steady(stack: PrivateStack, measured: Rounds, seconds: float, check: Check) -> None:
    """Have jobs come at a steady rate, and count the commands that MongoDB gets meanwhile, of all processes."""
    count = max(int(RATE * seconds), 1)
    before, base = _commands(stack), count_done(stack)
    sending.post(f"{stack.url}{PATH}", stack.headers, BODY, count=count, rate=RATE, connections=CONNECTIONS)
    wait_done(lambda: count_done(stack) - base, count, check)
    commands = _commands(stack) - before
    measured.commands.append(commands.total() / count)
    measured.most_common += commands
    measured.steady_jobs += count


def _commands(stack: PrivateStack) -> Counter[str]:
    """Return the commands that MongoDB has received since its start, as its `serverStatus` counts them."""
    with administrator(stack) as mongo:
        known = mongo.admin.command("serverStatus")["metrics"]["commands"]
    counts = {name: value["total"] for name, value in known.items() if isinstance(value, dict) and value.get("total")}
    return Counter({name: count for name, count in counts.items() if name not in _OWN})


def report(measured: Rounds, postgres_version: str, aims: Mapping[str, float] = AIMS) -> Report:
    """Return the figures of some rounds beside the aims."""
    speed = {name: figure(each) for name, each in measured.speed.items()}
    p50, p99, commands = figure(measured.p50), figure(measured.p99), figure(measured.commands)
    beside = {OURS: CELERY, OURS_ALONE: PROCRASTINATE}
    rows = [(name, str(each), _beside(speed, name, beside)) for name, each in speed.items()]
    if PROCRASTINATE not in speed:
        rows.append((PROCRASTINATE, postgres.MISSING, ""))
    common = ((name, f"{count / measured.steady_jobs:.2f}") for name, count in measured.most_common.most_common(8))
    libraries = peer_versions("celery", "flask", "granian", "procrastinate", "psycopg", "pymongo")
    return Report(
        "jobs",
        "Jobs per second: the mean of 100 values",
        [
            Table("jobs per second, median ± spread", ("", "jobs/s", "ours is"), rows),
            Table("POST in a burst, milliseconds", ("", "p50", "p99"), [(OURS, str(p50), str(p99))]),
            Table(f"commands to MongoDB for a job, {STEADY}", ("", "commands"), [("all", str(commands)), *common]),
        ],
        list(_aims(speed, p50, p99, commands, aims)),
        [Bars("jobs per second", speed), Bars("POST in a burst, ms", {"p50": p50, "p99": p99})],
        {**own_versions("celery", "granian", "pymongo"), **libraries, **_postgres(postgres_version)},
        spread_over_cores=True,
    )


def _postgres(told: str) -> dict[str, str]:
    name, _, number = told.partition(" ")
    return {name: number} if told else {}


def _beside(speed: Mapping[str, Figure], name: str, beside: Mapping[str, str]) -> str:
    other = speed.get(beside.get(name, ""))
    return f"{ratio(speed[name], other)} x" if other else ""


def _aims(
    speed: Mapping[str, Figure], p50: Figure, p99: Figure, commands: Figure, aims: Mapping[str, float]
) -> Sequence[Aim]:
    found = [
        at_least("through HTTP: of Celery with a document", ratio(speed[OURS], speed[CELERY]), aims["celery"], " x")
    ]
    if PROCRASTINATE in speed:
        of_it = ratio(speed[OURS_ALONE], speed[PROCRASTINATE])
        found.append(at_least("without HTTP: of Procrastinate", of_it, aims["procrastinate"], " x"))
    return [
        *found,
        at_most("POST p50", p50, aims["p50"], " ms"),
        at_most("POST p99", p99, aims["p99"], " ms"),
        at_most(f"commands to MongoDB for a job, {RATE} jobs/s", commands, aims["commands"]),
    ]
