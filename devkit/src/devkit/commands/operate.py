"""Commands for the person on duty."""

from __future__ import annotations

from invoke.context import Context

from devkit import venv
from devkit.commands.command import command_with
from devkit.install import ensure


@command_with(
    positional=["action", "ids"],
    letters=False,
    action="list, stats, show, retry or cancel",
    ids="of the jobs to show, retry or cancel, separated by commas",
    state="list: of this state only, such as failed",
    name="list, retry: of this name only, such as report.compute",
    older_than="list: accepted longer ago, such as 30s, 5m, 2h or 1d",
    limit="list: how many at most, 20 unless told",
    all_failed="retry: every one that has failed",
    json="print JSON on standard output",
)
def jobs(
    _context: Context,
    *,
    action: str = "list",
    ids: str = "",
    state: str = "",
    name: str = "",
    older_than: str = "",
    limit: str = "",
    all_failed: bool = False,
    json: bool = False,
) -> None:
    """List or count durable jobs, show one, retry failed ones, cancel."""
    values = {"state": state, "name": name, "older-than": older_than, "limit": limit}
    options = [f"--{option}={value}" for option, value in values.items() if value]
    flags = ["--all-failed"] * all_failed + ["--json"] * json
    # Behind two dashes, for an id may begin with one.
    chosen = ["--", *ids.split(",")] * bool(ids)
    venv.run(ensure(), *venv.ALONE, "worker.admin", "jobs", action, *options, *flags, *chosen)
