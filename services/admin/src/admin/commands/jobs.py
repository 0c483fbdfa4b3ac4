"""The command `jobs`: list durable jobs, count them, show one, retry failed ones, cancel."""

import argparse
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from admin.commands import Parsers, add_action
from admin.database import on_database
from admin.durations import UNITS, duration
from admin.extensions.jobs import COLLECTIONS
from admin.output import one_line, print_json, print_table, say
from common.clients import Clients
from common.config import Settings
from jobs.lookup import FoundJob, Wanted, find_job, find_jobs
from jobs.model import JobState
from jobs.stats import COUNTED, job_stats, shown
from jobs.store import JobStore

ERROR_SHOWN = 60


def add_parsers(parsers: Parsers) -> None:
    """Add the command with its actions."""
    jobs = parsers.add_parser("jobs", help="list durable jobs, show one, retry failed ones, cancel")
    jobs.set_defaults(run=on_database(run))
    actions = jobs.add_subparsers(dest="action", required=True)
    listing = add_action(actions, _list, "list", "failed, running and pending jobs, the oldest first")
    listing.add_argument("--state", choices=[str(state) for state in JobState], help="of this state only")
    listing.add_argument("--name", help="of this name only, FEATURE.JOB")
    listing.add_argument("--older-than", type=duration, default=0, help="accepted longer ago, such as 30s, 5m or 1d")
    listing.add_argument("--limit", type=_count, default=20, help="how many at most")
    add_action(actions, _stats, "stats", "how many jobs are open, by name and state, and the age of the oldest")
    add_action(actions, _show, "show", "all that is known about one job").add_argument("id")
    retrying = add_action(actions, _retry, "retry", "make failed jobs pending again, with all attempts before them")
    retrying.add_argument("id", nargs="*")
    retrying.add_argument("--all-failed", action="store_true", help="every failed job")
    retrying.add_argument("--name", help="with --all-failed: of this name only")
    add_action(actions, _cancel, "cancel", "end pending or running jobs").add_argument("id", nargs="+")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one action; return 1 when a job does not exist or is not in the right state. Raises PyMongoError."""
    with Clients(settings) as clients:
        code: int = options.act(options, clients)
    return code


def _list(options: argparse.Namespace, clients: Clients) -> int:
    states = [JobState(options.state)] if options.state else Wanted.states
    # One more than is shown tells that there are more.
    wanted = Wanted(states, options.name, options.older_than, options.limit + 1)
    jobs = find_jobs(clients.database, COLLECTIONS, wanted)
    listed = jobs[: options.limit]
    if options.json:
        print_json([_known(job) for job in listed])
        return 0
    if listed:
        print_table([("id", "name", "state", "attempts", "age", "error"), *map(_row, listed)])
    else:
        say("There is no such job.")
    if len(jobs) > len(listed):
        say("There are more; --limit shows them.")
    return 0


def _stats(options: argparse.Namespace, clients: Clients) -> int:
    stats = job_stats(clients.database, COLLECTIONS)
    if options.json:
        print_json([{**asdict(row), "capped": row.count >= COUNTED} for row in stats])
    elif stats:
        rows = [(row.name, row.state, shown(row.count), _age(row.oldest)) for row in stats]
        print_table([("name", "state", "jobs", "oldest"), *rows])
    else:
        say("No job is open.")
    return 0


def _show(options: argparse.Namespace, clients: Clients) -> int:
    match = find_job(clients.database, COLLECTIONS, options.id)
    if match is None:
        say(f"There is no job {options.id}.")
        return 1
    job, document = match
    if options.json:
        print_json(_known(job) | {"document": document})
    else:
        size = f"{document['bytes']:,} bytes: {', '.join(document['fields'])}"
        print_table([(name, one_line(value)) for name, value in (_known(job) | {"document": size}).items()])
    return 0


def _retry(options: argparse.Namespace, clients: Clients) -> int:
    if bool(options.id) == options.all_failed:
        say("Name the jobs to retry, or use --all-failed.")
        return 2
    if not options.all_failed:
        return _change(options, clients, JobStore.reopen, "pending again", "only a failed job can be tried again")
    number = sum(store.reopen_all(options.name) for store in _stores(clients))
    if options.json:
        print_json({"changed": number})
    else:
        say(f"{number} failed jobs are pending again.")
    return 0


def _cancel(options: argparse.Namespace, clients: Clients) -> int:
    return _change(options, clients, JobStore.cancel, "cancelled", "only a pending or running job can be cancelled")


def _change(
    options: argparse.Namespace, clients: Clients, step: Callable[[JobStore, str], bool], done: str, condition: str
) -> int:
    """Apply a step to each job; it is one atomic update, which changes nothing when the state does not fit."""
    changed, refused = list[str](), dict[str, str]()
    for job_id in dict.fromkeys(options.id):
        if any(step(store, job_id) for store in _stores(clients)):
            changed.append(job_id)
        elif match := find_job(clients.database, COLLECTIONS, job_id):
            refused[job_id] = f"is {match[0].job['state']}; {condition}"
        else:
            refused[job_id] = "is no job"
    if options.json:
        print_json({"changed": changed, "refused": refused})
    else:
        for job_id, outcome in {**dict.fromkeys(changed, f"is {done}"), **refused}.items():
            say(f"{job_id} {outcome}.")
    return 1 if refused else 0


def _stores(clients: Clients) -> list[JobStore]:
    return [JobStore(clients.database[name]) for name in COLLECTIONS]


def _known(job: FoundJob) -> dict[str, Any]:
    return {"id": job.id, "collection": job.collection, "age": job.age, **job.job}


def _row(job: FoundJob) -> tuple[str, ...]:
    state, error = job.job, one_line(job.job.get("error_detail") or job.job["error"] or "")
    short = error if len(error) <= ERROR_SHOWN else f"{error[:ERROR_SHOWN]}…"
    return job.id, one_line(state["name"]), state["state"], str(state["attempt"]), _age(job.age), short


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds >= UNITS[unit] or unit == "s")
    return f"{seconds // UNITS[unit]:.0f}{unit}"


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
