"""`python -m devkit.bench first-minute|jobs|load`: measure, and print it beside its target."""

import argparse
import sys
from collections.abc import Sequence

from devkit.bench import first_minute, jobs, load
from devkit.terminal import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and return the exit code: 1 when something was not done as promised."""
    parser = argparse.ArgumentParser(prog="invoke bench", description=__doc__)
    parser.add_argument("what", choices=("first-minute", "jobs", "load"))
    parser.add_argument("--requests", type=_count, help="jobs, load: how many reports")
    options = parser.parse_args(arguments)
    if options.what == "first-minute":
        return first_minute.measure()
    return jobs.measure(options.requests) if options.what == "jobs" else load.measure(options.requests)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 1000000")
    return int(text)


if __name__ == "__main__":
    sys.exit(run_command(main))
