"""`python -m devkit.chaos`: breaks the production stack in every way one machine can show, and counts what is lost."""

import signal
import subprocess
import sys
from collections.abc import Sequence

from devkit import ROOT
from devkit.signals import StopRequest
from devkit.terminal import run_command

from . import report
from .lane import Lane
from .options import BROKERS, parse


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; the exit code is 1 when a row breaks the bar."""
    options = parse(arguments)
    if options.list:
        print("\n".join(fault.name for fault in options.faults))
        return 0
    if options.with_header:
        print(report.header(), flush=True)
    if options.broker in BROKERS:
        return Lane(options, StopRequest()).run()
    return _side_by_side(arguments)


def _side_by_side(arguments: Sequence[str]) -> int:
    """One process for each broker, for most of the time a run only waits; their rows come as they are ready."""
    stop = StopRequest()
    command = [sys.executable, "-m", "devkit.chaos", *arguments, "--no-header", "--broker"]
    # In this session, so that Ctrl-C reaches them too.
    lanes = [subprocess.Popen([*command, broker], cwd=ROOT) for broker in BROKERS]
    told = 0
    while any(lane.poll() is None for lane in lanes):
        if stop.count > told:
            told = stop.count
            for lane in lanes:
                lane.send_signal(signal.SIGTERM)
        for lane in lanes:
            try:
                lane.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    return max(abs(lane.wait()) for lane in lanes)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
