"""The command `jobs` of `python -m worker.admin`: what waits, what failed, and what to do about it."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from common.clients import Clients
from jobs.lookup import Found, Wanted, find_job, find_jobs
from jobs.model import JobState
from jobs.stats import COUNTED, job_stats, shown
from jobs.store import JobStore
from worker.features import COLLECTIONS
from worker.progress import say

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
ERROR_SHOWN = 60


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command `jobs` to those of the program."""
    jobs = commands.add_parser("jobs", help="list durable jobs, show one, try failed ones again, cancel")
    actions = jobs.add_subparsers(dest="action", required=True)
    listing = _action(actions, "list", "failed, running and pending jobs, the oldest first")
    listing.add_argument("--state", choices=[str(state) for state in JobState], help="of this state only")
    listing.add_argument("--name", help="of this name only, such as report.compute")
    listing.add_argument("--older-than", type=_seconds, default=0, help="accepted longer ago, such as 30s, 5m or 1d")
    listing.add_argument("--limit", type=_count, default=20, help="how many at most")
    _action(actions, "stats", "how many jobs are open, by name and state, and the age of the oldest")
    _action(actions, "show", "all there is to know about one job").add_argument("id")
    retrying = _action(actions, "retry", "make failed jobs pending again, with all attempts before them")
    retrying.add_argument("id", nargs="*")
    retrying.add_argument("--all-failed", action="store_true", help="every one that has failed")
    retrying.add_argument("--name", help="with --all-failed: of this name only")
    _action(actions, "cancel", "end pending or running jobs").add_argument("id", nargs="+")


def run(options: argparse.Namespace, clients: Clients) -> int:
    """Does what was asked; answers the exit code, 1 when a job is not there or not in the state for it."""
    actions = {"list": _list, "stats": _stats, "show": _show, "retry": _retry, "cancel": _cancel}
    return actions[options.action](options, clients)


def _list(options: argparse.Namespace, clients: Clients) -> int:
    states = [JobState(options.state)] if options.state else Wanted.states
    # One more than is shown tells that there are more.
    wanted = Wanted(states, options.name, options.older_than, options.limit + 1)
    found = find_jobs(clients.database, COLLECTIONS, wanted)
    shown = found[: options.limit]
    if options.json:
        _print_json([_known(each) for each in shown])
        return 0
    if shown:
        _print_table([("id", "name", "state", "attempts", "age", "error"), *map(_row, shown)])
    else:
        say("There is no such job.")
    if len(found) > len(shown):
        say("There are more; --limit shows them.")
    return 0


def _stats(options: argparse.Namespace, clients: Clients) -> int:
    found = job_stats(clients.database, COLLECTIONS)
    if options.json:
        _print_json([{**asdict(each), "capped": each.count >= COUNTED} for each in found])
    elif found:
        rows = [(each.name, each.state, shown(each.count), _age(each.oldest)) for each in found]
        _print_table([("name", "state", "jobs", "oldest"), *rows])
    else:
        say("No job is open.")
    return 0


def _show(options: argparse.Namespace, clients: Clients) -> int:
    found = find_job(clients.database, COLLECTIONS, options.id)
    if found is None:
        say(f"There is no job {options.id}.")
        return 1
    known = _known(found[0]) | {"document": found[1]}
    if options.json:
        _print_json(known)
    else:
        size = f"{found[1]['bytes']:,} bytes: {', '.join(found[1]['fields'])}"
        _print_table([(name, _text(value)) for name, value in (known | {"document": size}).items()])
    return 0


def _retry(options: argparse.Namespace, clients: Clients) -> int:
    if bool(options.id) == options.all_failed:
        say("Name the jobs to try again, or say --all-failed.")
        return 2
    if not options.all_failed:
        return _change(options, clients, JobStore.reopen, "pending again", "only a failed job can be tried again")
    number = sum(store.reopen_all(options.name) for store in _stores(clients))
    if options.json:
        _print_json({"changed": number})
    else:
        say(f"{number} failed jobs are pending again.")
    return 0


def _cancel(options: argparse.Namespace, clients: Clients) -> int:
    return _change(options, clients, JobStore.cancel, "cancelled", "only a pending or running job can be cancelled")


def _change(
    options: argparse.Namespace, clients: Clients, step: Callable[[JobStore, str], bool], done: str, condition: str
) -> int:
    """Takes a step with each job; a step is one atomic update, which changes nothing where it does not fit."""
    changed, refused = list[str](), dict[str, str]()
    for job_id in dict.fromkeys(options.id):
        if any(step(store, job_id) for store in _stores(clients)):
            changed.append(job_id)
        elif found := find_job(clients.database, COLLECTIONS, job_id):
            refused[job_id] = f"is {found[0].job['state']}; {condition}"
        else:
            refused[job_id] = "is no job"
    if options.json:
        _print_json({"changed": changed, "refused": refused})
    else:
        for job_id, what in {**dict.fromkeys(changed, f"is {done}"), **refused}.items():
            say(f"{job_id} {what}.")
    return 1 if refused else 0


def _stores(clients: Clients) -> list[JobStore]:
    return [JobStore(clients.database[name]) for name in COLLECTIONS]


def _known(found: Found) -> dict[str, Any]:
    return {"id": found.id, "collection": found.collection, "age": found.age, **found.job}


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds >= UNITS[unit] or unit == "s")
    return f"{seconds // UNITS[unit]:.0f}{unit}"


def _row(found: Found) -> tuple[str, ...]:
    job, error = found.job, _text(found.job["error"] or "")
    short = error if len(error) <= ERROR_SHOWN else f"{error[:ERROR_SHOWN]}…"
    return found.id, _text(job["name"]), job["state"], str(job["attempt"]), _age(found.age), short


def _text(value: Any) -> str:
    """A value on one line of a terminal: an error may hold what a client sent, and that may steer a terminal."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    text = "-" if value is None else " ".join(str(value).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _print_table(rows: Sequence[Sequence[object]]) -> None:
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())  # noqa: T201 - a command speaks by printing


def _print_json(value: Any) -> None:
    print(json.dumps(value, default=datetime.isoformat))  # noqa: T201 - a command speaks by printing


def _action(actions: Any, name: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=description, description=description)
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")
    return parser


def _seconds(text: str) -> float:
    parts = re.fullmatch(r"(\d{1,9})([smhd]?)", text, re.ASCII)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 30s, 5m, 2h or 1d")
    return int(parts[1]) * UNITS[parts[2]]


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)
