"""Commands that check the code."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command
from devkit.install import ensure


def _nox(*arguments: str) -> None:
    venv.run(venv.program("nox", mend="run `invoke install`."), *arguments)


@command
def test(
    *arguments: Annotated[str, "behind two dashes: passed on to pytest"],
    k: Annotated[str, "the tests whose names match this expression, as `pytest -k`"] = "",
    path: Annotated[str, "the tests below this file or folder"] = "",
    python: Annotated[str, "all tests on this Python version, in an environment of their own"] = "",
) -> None:
    """Run the tests (-k EXPR, --path DIR, --python 3.13, -- ARGS)."""
    if python:
        _nox("--session", f"tests-{python}", *["--", *arguments] * bool(arguments))
        return
    venv.run(sys.executable, "-m", "pytest", *[path] * bool(path), *["-k", k] * bool(k), *arguments)


@command
def coverage() -> None:
    """Show what the tests run: reports/coverage/index.html."""
    _nox("--session", "coverage")


@command
def profile(
    *,
    live: Annotated[str, "profile the running services (or a stack of its own) so long, such as 20s"] = "",
    service: Annotated[str, "api or worker only"] = "",
) -> None:
    """Show where time goes: the tests', or the services' (--live 20s)."""
    if not live and not service:
        _nox("--session", "profile")
        return
    chosen = [f"--live={live}"] * bool(live) + [f"--service={service}"] * bool(service)
    venv.replace_by(ensure(), "-m", "devkit.profiling", *chosen)


@command
def lint() -> None:
    """Look for mistakes in Python and shell files."""
    from devkit import check as checks

    checks.run(["lint"])


@command
def format() -> None:  # noqa: A001 - the name of the command
    """Format the code and mend what is safe to mend."""
    from devkit import check as checks

    checks.run(["format"])


@command
def types() -> None:
    """Check the types."""
    from devkit import check as checks

    checks.run(["types"])


@command
def check() -> None:
    """Run lint, types, unit tests and look for drift."""
    from devkit import check as checks

    checks.run(checks.BEFORE_A_COMMIT)


@command
def check_all(
    *,
    skip: Annotated[str, "steps to leave out, such as tests,stress; their last results stay on the page"] = "",
) -> None:
    """Run everything and write one page, reports/index.html (--skip)."""
    venv.replace_by(ensure(), "-m", "devkit.overview", f"--skip={skip}")


@command(letters=False)
def stress(
    *,
    user: Annotated[str, "which simulated users, such as ReportUser"] = "MixUser",
    users: Annotated[str, "how many of them at once"] = "20",
    spawn_rate: Annotated[str, "how many more of them each second"] = "5",
    run_time: Annotated[str, "how long, such as 30s, 5m or 1h30m"] = "30s",
    processes: Annotated[str, "how many processes share the users"] = "1",
    host: Annotated[str, "a running API, such as http://127.0.0.1:8000; without, a stack of its own"] = "",
    i_own_this_host: Annotated[bool, "stress a host that is not this machine"] = False,
    web: Annotated[bool, "start and watch it in a browser, until Ctrl-C"] = False,
    web_port: Annotated[str, "the port of that page, on 127.0.0.1"] = "8089",
    max_fail_ratio: Annotated[str, "exit code 3 when a greater part of the requests fails, 0 to 1"] = "0",
    max_p95: Annotated[str, "exit code 3 when the 95th percentile of a request is above these ms"] = "",
    list_: Annotated[bool, "name the simulated users"] = False,
) -> None:
    """Run simulated users (--list, --users, --run-time, --web)."""
    values = {"user": user, "users": users, "spawn-rate": spawn_rate, "run-time": run_time, "processes": processes}
    values |= {"host": host, "web-port": web_port, "max-fail-ratio": max_fail_ratio}
    values |= {"max-p95": max_p95} if max_p95 else {}
    flags = ["--i-own-this-host"] * i_own_this_host + ["--web"] * web + ["--list"] * list_
    # Joined, for a value may begin with a dash.
    options = [f"--{name}={value}" for name, value in values.items()]
    venv.replace_by(ensure(), "-m", "devkit.stress", *options, *flags)


@command(letters=False)
def chaos(
    *,
    requests: Annotated[str, "how many reports each row posts: 200, or ten in a second if combined"] = "",
    fault: Annotated[str, "these faults only, separated by commas"] = "",
    broker: Annotated[str, "redis, rabbitmq or both"] = "both",
    seed: Annotated[str, "the same seed makes the same requests and the same schedule"] = "1",
    combined: Annotated[bool, "one row of faults in a seeded order, sometimes two at once"] = False,
    minutes: Annotated[str, "how long the combined schedule takes"] = "60",
    list_: Annotated[bool, "name the faults"] = False,
) -> None:
    """Break all parts under load, count losses (--list, --fault)."""
    values = {"requests": requests, "fault": fault, "broker": broker, "seed": seed, "minutes": minutes}
    flags = ["--combined"] * combined + ["--list"] * list_
    options = [f"--{name}={value}" for name, value in values.items() if value]
    venv.replace_by(ensure(), "-m", "devkit.chaos", *options, *flags)
