"""All faults on one broker, one after the other, on one stack as long as it can be used."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from devkit import values
from devkit.signals import StopRequest
from devkit.terminal import CommandError, run_command, say

from . import report, variations
from .brokers import harness
from .context import FaultContext, NoEffectError, UnsupportedError
from .faults import FAULTS, Fault
from .overload import small_disk
from .resources import ResourceUsage, measure
from .run import Run
from .schedule import combined_fault
from .stack import Stack
from .verdict import judge

_WARM_UP = 60
# How often a row is run until it is not late.
_RUNS = 3


class Outcome(Enum):
    """The outcome of a row. It is late if only times were too long, or if the fault had no effect."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


@dataclass(frozen=True)
class Plan:
    """What each broker is tested with: the faults, the jobs that each row posts, the seed, the folder of results."""

    faults: Sequence[Fault]
    requests: int
    seed: int
    reports: Path


def plan(*, requests: str, fault: str, seed: str, combined: bool, minutes: str, reports: str) -> Plan:
    """Return what the options of the command ask for. Raise CommandError when one is invalid."""
    if combined and fault:
        raise CommandError("--combined has a schedule of its own: omit --fault.", code=2)
    number, length = values.whole("--seed", seed, least=0, most=10**9), values.positive("--minutes", minutes, most=1440)
    known = {fault.name: fault for fault in FAULTS}
    faults = [known[name] for name in values.names("--fault", fault, list(known))] or list(FAULTS)
    if combined:
        faults = [combined_fault(seed=number, minutes=length)]
    usual = max(200, round(length * 600)) if combined else 200
    count = values.whole("--requests", requests or str(usual), least=20, most=1_000_000)
    return Plan(faults, count, number, Path(reports))


def run_suites(chosen: Plan, brokers: Sequence[str]) -> int:
    """Run the suites side by side, because most of the time each only waits; return 1 if a row is broken.

    Each has a process of its own, so that one does not delay the requests of the other.
    """
    stop, sent = StopRequest(), 0
    print(report.header(), flush=True)
    # Forked, because a fault holds functions that cannot be sent to another process.
    context = multiprocessing.get_context("fork")
    suites = [context.Process(target=_run_suite, args=(chosen, broker), name=broker) for broker in brokers]
    for suite in suites:
        suite.start()
    while any(suite.is_alive() for suite in suites):
        if stop.count > sent:
            sent = stop.count
            for suite in suites:
                os.kill(suite.pid or 0, signal.SIGTERM)
        suites[0].join(0.1)
        time.sleep(0.1)
    return max(abs(suite.exitcode or 0) for suite in suites)


def _run_suite(chosen: Plan, broker: str) -> None:
    raise SystemExit(run_command(lambda: BrokerSuite(chosen, broker, StopRequest().check).run()))


def broken_rows(faults: Sequence[Fault], run: Callable[[Fault], Outcome]) -> list[str]:
    """Run each fault and return the names of those that broke a promise.

    Those that are late are run again at the end, and then once more: a busy machine makes them late too, and what has
    made it busy may have ended by then.
    """
    broken, rest = [], faults
    for _ in range(_RUNS):
        outcomes = [(fault, run(fault)) for fault in rest]
        broken += [fault.name for fault, outcome in outcomes if outcome is Outcome.BROKEN]
        rest = [fault for fault, outcome in outcomes if outcome is Outcome.LATE]
    return broken + [fault.name for fault in rest]


class BrokerSuite:
    """The rows of one broker."""

    def __init__(self, chosen: Plan, broker: str, check: Callable[[], None]) -> None:
        self._plan, self._broker, self._check = chosen, broker, check
        self._context: FaultContext | None = None
        # Measured when the present stack was warm.
        self._usual: ResourceUsage
        self._opened = ExitStack()
        self._has_small_disk = self._has_short_hold = False

    def run(self) -> int:
        """Run all rows and return 1 if one is broken."""
        began = time.monotonic()
        with self._opened:
            broken = broken_rows(self._plan.faults, self._row)
        rows, seconds = len(self._plan.faults), time.monotonic() - began
        names = f": {', '.join(broken)}" if broken else ""
        say(f"{self._broker}: {rows} rows in {seconds:.0f} s, {len(broken)} broken{names}")
        return int(bool(broken))

    def _row(self, fault: Fault) -> Outcome:
        """Run one fault and print its row."""
        try:
            context = self._prepare(fault)
            run = Run(context, fault, count=self._plan.requests, seed=self._plan.seed, usual=self._usual)
            evidence = run.evidence()
        except UnsupportedError as error:
            print(report.remark(self._broker, fault.name, f"was skipped: {error}"), flush=True)
            return Outcome.BROKEN if os.environ.get("CI") else Outcome.KEPT
        except CommandError as error:
            return self._fail(fault, error)
        row = judge(evidence)
        report.write(self._plan.reports, self._broker, fault.name, evidence, row)
        print(report.line(self._broker, fault.name, row), flush=True)
        if not row.violations:
            return Outcome.KEPT
        self._keep_logs(fault)
        return Outcome.LATE if row.violations == row.late else Outcome.BROKEN

    def _fail(self, fault: Fault, error: CommandError) -> Outcome:
        """Print why a row could not be measured, and use a new stack for the next one."""
        print(report.remark(self._broker, fault.name, f"BROKEN: {str(error).splitlines()[0]}"), flush=True)
        say(str(error))
        self._keep_logs(fault)
        self._opened.close()
        self._context = None
        return Outcome.LATE if isinstance(error, NoEffectError) else Outcome.BROKEN

    def _prepare(self, fault: Fault) -> FaultContext:
        """Return a stack as the fault needs it: the last one where possible."""
        if self._context is None or self._has_small_disk != fault.small_disk:
            self._opened.close()
            self._context, self._has_small_disk = self._start(fault), fault.small_disk
            self._has_short_hold = False
            self._warm_up(self._context)
        # A channel takes the limit over when it is opened, so it is set before the services are restarted.
        if (short := fault.vary is variations.short_hold) != self._has_short_hold:
            harness(self._context.stack).limit_holding(short=short)
            self._has_short_hold = short
        self._context.stack.vary(fault.vary(self._context))
        return self._context

    def _start(self, fault: Fault) -> FaultContext:
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        if fault.small_disk:
            self._opened.enter_context(small_disk(folder / "data" / "mongo" / "data"))
        stack = self._opened.enter_context(Stack(self._broker, folder, self._check))
        return self._opened.enter_context(FaultContext(stack))

    def _warm_up(self, context: FaultContext) -> None:
        fault = Fault("warm-up", None)
        Run(context, fault, count=_WARM_UP, seed=self._plan.seed, usual=measure(context)).evidence()
        self._usual = measure(context)

    def _keep_logs(self, fault: Fault) -> None:
        """Copy the logs of a broken row to where they can be read afterwards."""
        if self._context is None:
            return
        kept = self._plan.reports / "logs" / f"{self._broker}-{fault.name}"
        kept.mkdir(parents=True, exist_ok=True)
        folder = self._context.stack.folder
        for log in (*folder.glob("*.log"), *folder.glob("data/*/log")):
            shutil.copyfile(log, kept / (log.name if log.suffix else f"{log.parent.name}.log"))
