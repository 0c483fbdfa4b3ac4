"""What `invoke stress` takes. Rubbish is one clear line, before anything is started."""

import argparse
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT, duration
from devkit.options import Parser
from devkit.stress.target import allowed_host


@dataclass(frozen=True)
class Options:
    """A run: who (`user`, how many `users`), against whom (`host`, "" for a stack of its own), how long, and limits.

    `spawn_rate` is in users per second, `max_p95` in milliseconds, `max_fail_ratio` from 0 to 1.
    """

    user: str
    users: int
    spawn_rate: float
    run_time: str
    processes: int
    host: str
    web: bool
    web_port: int
    max_fail_ratio: float
    max_p95: float | None
    reports: Path
    list: bool


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Return the options; raise when one makes no sense."""
    parser = Parser(prog="invoke stress", description="Run simulated users against the product.")
    add = parser.add_argument
    add("--user", default="MixUser", help="the class of the simulated users; --list names them")
    add("--users", type=_count, default=20, help="how many at once")
    add("--spawn-rate", type=_positive, default=5.0, help="how many more each second")
    add("--run-time", type=_run_time, default="30s", help="such as 30s, 5m or 1h30m")
    add("--processes", type=_processes, default=1, help="how many processes share the users")
    add("--host", default="", help="an API that runs already, such as http://127.0.0.1:8000")
    add("--i-own-this-host", action="store_true", help="allow a host that is not this machine")
    add("--web", action="store_true", help="start and watch it in a browser")
    add("--web-port", type=_port, default=8089)
    add("--max-fail-ratio", type=_ratio, default=0.0, help="the part of the requests that may fail, 0 to 1")
    add("--max-p95", type=_positive, help="milliseconds that 95 %% of each kind of request must be answered in")
    add("--reports", type=Path, default=ROOT / "reports", help="the folder of the results")
    add("--list", action="store_true", help="name the users")
    values = vars(parser.parse_args(arguments))
    owned = values.pop("i_own_this_host")
    values["host"] = allowed_host(values["host"], owned=owned) if values["host"] else ""
    return Options(**values)


def _count(text: str) -> int:
    return _whole(text, 100_000)


def _processes(text: str) -> int:
    return _whole(text, 64)


def _port(text: str) -> int:
    return _whole(text, 65_535)


def _whole(text: str, most: int) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 0 < int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most}")
    return int(text)


def _positive(text: str) -> float:
    if not 0 < (number := _number(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _ratio(text: str) -> float:
    if not 0 <= (number := _number(text)) <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _run_time(text: str) -> str:
    duration.seconds(text)
    return text
