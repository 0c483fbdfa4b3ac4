"""Commands that check the code."""

from __future__ import annotations

from invoke.context import Context

from devkit import venv
from devkit.commands.command import command, command_with
from devkit.install import ensure


def _nox(*arguments: str) -> None:
    ensure()
    venv.run(venv.program("nox", mend="run `invoke install`."), *arguments)


@command_with(
    k="the tests whose names match this expression, as `pytest -k`",
    path="the tests below this file or folder",
    python="all tests on this Python version, in an environment of their own",
)
def test(
    _context: Context,
    *,
    k: str = "",  # noqa: PT028 - a command, not a test
    path: str = "",  # noqa: PT028 - a command, not a test
    python: str = "",  # noqa: PT028 - a command, not a test
) -> None:
    """Run the tests (-k EXPR, --path DIR, --python 3.13)."""
    if python:
        _nox("--session", f"tests-{python}")
        return
    arguments = [path] * bool(path) + (["-k", k] if k else [])
    venv.run(ensure(), "-m", "pytest", *arguments)


@command
def coverage(_context: Context) -> None:
    """Show what the tests run: reports/coverage/index.html."""
    _nox("--session", "coverage")


@command_with(
    live="profile the running services so long, such as 20s or 1m; without a running stack, one is started",
    service="api or worker only",
)
def profile(_context: Context, *, live: str = "", service: str = "") -> None:
    """Show where time goes: the tests', or the services' (--live 20s)."""
    if not live and not service:
        _nox("--session", "profile")
        return
    chosen = [f"--live={live}"] * bool(live) + [f"--service={service}"] * bool(service)
    venv.replace_by(ensure(), "-m", "devkit.profiling", *chosen)


@command
def lint(_context: Context) -> None:
    """Look for mistakes in Python and shell files."""
    venv.run(ensure(), "-m", "devkit.check", "lint")


@command
def format(_context: Context) -> None:  # noqa: A001 - the name of the command
    """Format the code and mend what is safe to mend."""
    venv.run(ensure(), "-m", "devkit.check", "format")


@command
def types(_context: Context) -> None:
    """Check the types."""
    venv.run(ensure(), "-m", "devkit.check", "types")


@command
def check(_context: Context) -> None:
    """Run lint, types, unit tests and look for drift."""
    venv.run(ensure(), "-m", "devkit.check")


@command_with(skip="steps to leave out, such as tests,stress; their last results stay on the page")
def check_all(_context: Context, *, skip: str = "") -> None:
    """Run everything and write one page, reports/index.html (--skip)."""
    venv.replace_by(ensure(), "-m", "devkit.overview", f"--skip={skip}")


@command_with(
    letters=False,
    user="which simulated users, such as ReportUser",
    users="how many of them at once",
    spawn_rate="how many more of them each second",
    run_time="how long, such as 30s, 5m or 1h30m",
    processes="how many processes share the users",
    host="an API that runs already, such as http://127.0.0.1:8000; without, a stack of its own is started",
    i_own_this_host="stress a host that is not this machine",
    web="start and watch it in a browser, until Ctrl-C",
    web_port="the port of that page, on 127.0.0.1",
    max_fail_ratio="exit code 3 when a greater part of the requests fails, 0 to 1",
    max_p95="exit code 3 when the 95th percentile of a kind of request is above these milliseconds",
    list_="name the simulated users",
)
def stress(
    _context: Context,
    *,
    user: str = "MixUser",
    users: str = "20",
    spawn_rate: str = "5",
    run_time: str = "30s",
    processes: str = "1",
    host: str = "",
    i_own_this_host: bool = False,
    web: bool = False,
    web_port: str = "8089",
    max_fail_ratio: str = "0",
    max_p95: str = "",
    list_: bool = False,
) -> None:
    """Run simulated users (--list, --users, --run-time, --web)."""
    values = {"user": user, "users": users, "spawn-rate": spawn_rate, "run-time": run_time, "processes": processes}
    values |= {"host": host, "web-port": web_port, "max-fail-ratio": max_fail_ratio}
    values |= {"max-p95": max_p95} if max_p95 else {}
    flags = ["--i-own-this-host"] * i_own_this_host + ["--web"] * web + ["--list"] * list_
    # Joined, for a value may begin with a dash.
    options = [f"--{name}={value}" for name, value in values.items()]
    venv.replace_by(ensure(), "-m", "devkit.stress", *options, *flags)


@command_with(
    letters=False,
    requests="how many reports each row posts: 200, or ten in a second if combined",
    fault="these faults only, separated by commas",
    broker="redis, rabbitmq or both",
    seed="the same seed makes the same requests and the same schedule",
    combined="one row of faults in a seeded order, sometimes two at once",
    minutes="how long the combined schedule takes",
    list_="name the faults",
)
def chaos(
    _context: Context,
    *,
    requests: str = "",
    fault: str = "",
    broker: str = "both",
    seed: str = "1",
    combined: bool = False,
    minutes: str = "60",
    list_: bool = False,
) -> None:
    """Break all parts under load, count losses (--list, --fault)."""
    values = {"requests": requests, "fault": fault, "broker": broker, "seed": seed, "minutes": minutes}
    flags = ["--combined"] * combined + ["--list"] * list_
    options = [f"--{name}={value}" for name, value in values.items() if value]
    venv.replace_by(ensure(), "-m", "devkit.chaos", *options, *flags)
