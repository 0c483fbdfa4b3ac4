"""All rows on one broker, one after the other: on one stack as long as it lasts."""

import os
import shutil
import tempfile
import time
from contextlib import ExitStack
from enum import Enum
from pathlib import Path

from devkit.signals import StopRequest
from devkit.terminal import CommandError, say

from . import report
from .disk import small_disk
from .faults import FAULTS, Fault
from .measures import Measures, measure
from .options import Options
from .place import NoBiteError, Place, UnfitError
from .run import Run
from .stack import Stack
from .verdict import judge

_WARM_UP = 60


class Outcome(Enum):
    """What became of a row. It is late when it kept everything but the times, or when its fault did not show."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


class Lane:
    """Runs the faults of one broker."""

    def __init__(self, options: Options, stop: StopRequest) -> None:
        self._options, self._stop = options, stop
        self._place: Place | None = None
        # Measured when the present stack was warm.
        self._usual: Measures
        self._opened = ExitStack()
        self._small = False

    def run(self) -> int:
        """Runs all; the exit code is 1 when a row breaks the bar.

        A row that is late is run once more and both are printed, for a machine that has other things to do is late too.
        """
        began = time.monotonic()
        broken = 0
        with self._opened:
            for fault in self._options.faults:
                outcome = self._row(fault)
                if outcome is Outcome.LATE:
                    say(f"{self._options.broker}: {fault.name} once more ...")
                    outcome = self._row(fault)
                broken += outcome is not Outcome.KEPT
        rows, seconds = len(self._options.faults), time.monotonic() - began
        say(f"{self._options.broker}: {rows} rows in {seconds:.0f} s, {broken} broken")
        return int(broken > 0)

    def _row(self, fault: Fault) -> Outcome:
        """Runs one and prints its row."""
        broker, options = self._options.broker, self._options
        try:
            place = self._prepared(fault)
            evidence = Run(place, fault, count=options.requests, seed=options.seed, usual=self._usual).evidence()
        except UnfitError as error:
            print(report.remark(broker, fault.name, f"was skipped: {error}"), flush=True)
            return Outcome.BROKEN if os.environ.get("CI") else Outcome.KEPT
        except CommandError as error:
            print(report.remark(broker, fault.name, f"BROKEN: {str(error).splitlines()[0]}"), flush=True)
            say(str(error))
            self._keep_logs(fault)
            self._opened.close()
            self._place = None
            return Outcome.LATE if isinstance(error, NoBiteError) else Outcome.BROKEN
        row = judge(evidence)
        report.paint(options.reports, broker, fault.name, evidence)
        print(report.line(broker, fault.name, row), flush=True)
        if not row.broken:
            return Outcome.KEPT
        self._keep_logs(fault)
        return Outcome.LATE if row.broken == row.late else Outcome.BROKEN

    def _prepared(self, fault: Fault) -> Place:
        """A stack as the fault needs it: the last one where possible."""
        if self._place is None or self._small != fault.small_disk:
            self._opened.close()
            self._place, self._small = self._started(fault), fault.small_disk
            warm_up = Fault("warm-up", FAULTS[0].inject)
            Run(self._place, warm_up, count=_WARM_UP, seed=self._options.seed, usual=measure(self._place)).evidence()
            self._usual = measure(self._place)
        self._place.stack.vary(self._place.variation(fault.variation))
        return self._place

    def _started(self, fault: Fault) -> Place:
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        if fault.small_disk:
            self._opened.enter_context(small_disk(folder / "data" / "mongo" / "data"))
        stack = self._opened.enter_context(Stack(self._options.broker, folder, self._stop.check))
        place = Place(stack)
        self._opened.callback(place.networks.close)
        return place

    def _keep_logs(self, fault: Fault) -> None:
        """Copies the logs of a broken row to where they can be read afterwards."""
        if self._place is None:
            return
        kept = self._options.reports / "logs" / f"{self._options.broker}-{fault.name}"
        kept.mkdir(parents=True, exist_ok=True)
        folder = self._place.stack.folder
        for log in (*folder.glob("*.log"), *folder.glob("data/*/log")):
            shutil.copyfile(log, kept / (log.name if log.suffix else f"{log.parent.name}.log"))
