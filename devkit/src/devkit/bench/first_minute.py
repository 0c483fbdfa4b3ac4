"""The time from a fresh clone to the first result, measured from outside."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devkit import ROOT, env, ports
from devkit.bench.aims import Aim, show
from devkit.first_result import FirstResultError, follow
from devkit.git import git
from devkit.terminal import CommandError, say

_TIMEOUT = 300
# Seconds from typing `invoke dev` to the first result.
AIMS = {"fresh clone, empty caches": 30, "fresh clone, warm caches": 5, "second `invoke dev`": 3}


def measure(*, report_only: bool = False) -> int:
    """Measure, print the times beside their aims, and return 1 if one is missed."""
    if git("status", "--porcelain"):
        say("note: only what is committed is cloned and measured.")
    with tempfile.TemporaryDirectory(prefix="first-minute-") as folder:
        return compare(dict(_first_minute(Path(folder))), report_only=report_only)


def compare(times: dict[str, float], *, report_only: bool = False) -> int:
    """Print times in seconds beside their aims, and return 1 if one is missed."""
    aims = [Aim(name, f"{times[name]:.1f} s", f"{aim} s", times[name] <= aim) for name, aim in AIMS.items()]
    return show(aims, report_only=report_only)


def _first_minute(folder: Path) -> Iterator[tuple[str, float]]:
    environ = _environ(folder / "cache")
    first, second = _clone(folder / "first"), _clone(folder / "second")
    for name, clone in zip(AIMS, (first, second, second), strict=True):
        yield name, _time_dev(clone, environ)


def _environ(cache: Path) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    keys = env.port_keys()
    own = {key: str(port) for key, port in zip(keys, ports.distinct(len(keys)), strict=True)}
    return inherited | {"UV_CACHE_DIR": str(cache)} | own


def _clone(folder: Path) -> Path:
    git("clone", "--quiet", str(ROOT), str(folder))
    return folder


def _time_dev(clone: Path, environ: dict[str, str]) -> float:
    """Start `invoke dev`, post a resource as soon as the API answers, stop when it is whole; return the seconds."""
    begin, log = time.monotonic(), clone / ".bench.log"
    command = [sys.executable, "-m", "invoke", "dev"]
    with log.open("w") as output:
        dev = subprocess.Popen(command, cwd=clone, env=environ, stdout=output, stderr=output, start_new_session=True)
    try:
        follow(f"http://127.0.0.1:{environ['API_PORT']}", clone, _check_of(dev), timeout=_TIMEOUT)
        return time.monotonic() - begin
    except (CommandError, FirstResultError) as error:
        raise CommandError(f"{error}. The end of its output:\n{log.read_text(encoding='utf-8')[-3000:]}") from error
    finally:
        dev.send_signal(signal.SIGINT)
        dev.wait(60)


def _check_of(dev: subprocess.Popen[bytes]) -> Callable[[], None]:
    def check() -> None:
        if dev.poll() is not None:
            raise CommandError(f"`invoke dev` ended with exit code {dev.returncode}")

    return check
