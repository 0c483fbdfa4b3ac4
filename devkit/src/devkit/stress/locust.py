"""locust as a process: which users there are, and one run of them."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from devkit import ROOT, ports
from devkit.process import tail
from devkit.signals import StopRequest
from devkit.terminal import CommandError

_FILE = Path(__file__).parent / "harness" / "locustfile.py"
_POLL = 0.05
# What each request of the users brings, as JSON.
HEADERS = "STRESS_HEADERS"
# Seconds that locust may take to finish running tasks and to write its results; then its processes are killed.
_PATIENCE = 20.0
# Seconds that a running task may take when the run is over, so that slow answers are counted too.
_STOP_TIMEOUT = 5


@dataclass(frozen=True, kw_only=True)
class Options:
    """A run: `users` of the class `user`, against `host` ("" for a stack of its own), for `run_time`, and its limits.

    `spawn_rate` is in users per second, `max_p95` in milliseconds, `max_fail_ratio` from 0 to 1.
    """

    user: str
    users: int
    spawn_rate: float
    run_time: str
    reports: Path
    host: str = ""
    processes: int = 1
    web: bool = False
    web_port: int = 0
    max_fail_ratio: float = 1
    max_p95: float | None = None


@dataclass(frozen=True)
class Target:
    """The address that the users ask, what each of their requests brings, and what raises when that stack has ended."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[], None] = lambda: None


def available(python: str) -> dict[str, str]:
    """Return the users by their names, with what each does."""
    done = subprocess.run(
        [python, str(_FILE.with_name("users.py"))],
        cwd=ROOT,
        env=environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"tests/stress cannot be loaded:\n{done.stderr.strip()}")
    users: dict[str, str] = json.loads(done.stdout)
    return users


def run(python: str, options: Options, target: Target, stop: StopRequest) -> int:
    """Run the users until their time is over or a stop is requested; return the exit code."""
    options.reports.mkdir(parents=True, exist_ok=True)
    for old in options.reports.glob("stress[._]*"):
        old.unlink()
    process = _start(python, _arguments(options, target.url), target)
    interrupted = False
    try:
        while process.poll() is None:
            stop.check()
            target.check()
            time.sleep(_POLL)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        code = _end(process, stop)
    # In a browser, Ctrl-C is the usual end.
    return 128 + signal.SIGINT if interrupted and not options.web else code


@contextlib.contextmanager
def background(python: str, options: Options, target: Target, stop: StopRequest) -> Iterator[Callable[[], None]]:
    """Run users without output, from when all have started; yield a function that raises when they have ended."""
    log, spawned = options.reports / "locust.log", options.reports / "spawned"
    with log.open("wb") as output:
        process = _start(python, [*_arguments(options, target.url), "--spawned", str(spawned)], target, output)

    def check() -> None:
        if process.poll() is not None:
            raise CommandError(f"the simulated users have ended. The end of their output:\n{tail(log)}")

    try:
        while not spawned.exists():
            stop.check()
            check()
            time.sleep(_POLL)
        yield check
    finally:
        _end(process, stop)


def _start(
    python: str, arguments: Sequence[str], target: Target, output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches it once and all its processes can be killed in the end.
    return subprocess.Popen(
        [python, "-m", "locust", *arguments],
        cwd=ROOT,
        env=environment(os.environ) | _headers(target),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _headers(target: Target) -> dict[str, str]:
    """Return the variable that tells the users what to bring; for a host somebody may have set it themselves."""
    return {HEADERS: json.dumps(dict(target.headers))} if target.headers else {}


def _end(process: subprocess.Popen[bytes], stop: StopRequest) -> int:
    """Let locust finish as on Ctrl-C, with its results; kill what is left of its processes."""
    deadline = time.monotonic() + _PATIENCE
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    while process.poll() is None and not stop.hurried() and time.monotonic() < deadline:
        time.sleep(_POLL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _arguments(options: Options, url: str) -> list[str]:
    results = options.reports / "stress"
    arguments = ["--locustfile", str(_FILE), "--host", url, "--loglevel", "WARNING", "--only-summary"]
    arguments += ["--users", str(options.users), "--spawn-rate", str(options.spawn_rate)]
    arguments += ["--run-time", options.run_time, "--stop-timeout", str(_STOP_TIMEOUT)]
    arguments += ["--html", f"{results}.html", "--csv", str(results), "--results", f"{results}.json"]
    arguments += ["--max-fail-ratio", str(options.max_fail_ratio)]
    arguments += ["--max-p95", str(options.max_p95)] if options.max_p95 else []
    arguments += ["--web-host", ports.HOST, "--web-port", str(options.web_port)] if options.web else ["--headless"]
    if options.processes > 1:
        port = str(ports.unused())
        arguments += ["--processes", str(options.processes), "--master-bind-host", ports.HOST]
        arguments += ["--master-bind-port", port, "--master-port", port]
    return [*arguments, options.user]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without locust's own variables, which would change what was asked for."""
    return {key: value for key, value in environ.items() if not key.startswith("LOCUST_")}
