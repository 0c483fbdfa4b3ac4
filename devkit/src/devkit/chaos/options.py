"""What `invoke chaos` takes."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT
from devkit.options import Parser
from devkit.terminal import CommandError

from .combined import combined
from .faults import FAULTS, Fault

BROKERS = ("redis", "rabbitmq")


@dataclass(frozen=True)
class Options:
    """A run of the harness: which faults on which broker ("both" or one), how many reports each, and the seed."""

    faults: Sequence[Fault]
    broker: str
    requests: int
    seed: int
    reports: Path
    with_header: bool
    list: bool


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; raise when one makes no sense."""
    parser = Parser(prog="invoke chaos", description="Break the production stack, and count what is lost.")
    add = parser.add_argument
    add("--requests", type=_count, help="how many reports each row posts: 200, or ten in a second if --combined")
    add("--fault", default="", help="these faults only, separated by commas; --list names them")
    add("--broker", choices=("both", *BROKERS), default="both")
    add("--seed", type=int, default=1, help="the same seed makes the same requests and the same schedule")
    add("--combined", action="store_true", help="one row of faults in a seeded order, sometimes two at once")
    add("--minutes", type=_minutes, default=60.0, help="how long the combined schedule takes")
    add("--reports", type=Path, default=ROOT / "reports" / "chaos", help="the folder of the pictures")
    add("--no-header", dest="with_header", action="store_false", help=argparse.SUPPRESS)
    add("--list", action="store_true", help="name the faults")
    values = vars(parser.parse_args(arguments))
    chosen, both, minutes = values.pop("fault"), values.pop("combined"), values.pop("minutes")
    if both and chosen:
        raise CommandError("--combined has a schedule of its own: leave --fault out.", code=2)
    faults = [combined(seed=values["seed"], minutes=minutes)] if both else _named(chosen)
    values["requests"] = values["requests"] or (max(200, round(minutes * 600)) if both else 200)
    return Options(faults=faults, **values)


def _named(names: str) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise CommandError(f"no such fault: {', '.join(unknown)}; there are {', '.join(known)}.", code=2)
    return [known[name] for name in wanted] or list(FAULTS)


def _count(text: str) -> int:
    if not text.isdecimal() or not 20 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 20 to 1000000")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= 1440:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes up to a day")
    return minutes
