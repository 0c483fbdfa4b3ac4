"""The time from a fresh clone to the first report done, measured from outside."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from devkit import ROOT, ports
from devkit.first_report import follow
from devkit.terminal import CommandError, say, table

_TIMEOUT = 300
_PORTS = ("API_PORT", "MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT")


def measure() -> int:
    """Measure it and print it beside its target; return the exit code."""
    if _git("status", "--porcelain"):
        say("note: only what is committed is cloned and measured.")
    with tempfile.TemporaryDirectory(prefix="first-minute-") as folder:
        rows = [(name, f"{seconds:.1f} s", f"{target} s") for name, target, seconds in _first_minute(Path(folder))]
    print(table(("until the first report is done", "measured", "target"), rows))
    return 0


def _first_minute(folder: Path) -> Iterator[tuple[str, int, float]]:
    environ = _environ(folder / "cache")
    yield "fresh clone, empty caches", 30, _time_dev(_clone(folder / "first"), environ)
    clone = _clone(folder / "second")
    yield "fresh clone, warm caches", 5, _time_dev(clone, environ)
    yield "second `invoke dev`", 3, _time_dev(clone, environ)


def _environ(cache: Path) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    own = {key: str(port) for key, port in zip(_PORTS, ports.distinct(len(_PORTS)), strict=True)}
    return inherited | {"UV_CACHE_DIR": str(cache)} | own


def _clone(folder: Path) -> Path:
    _git("clone", "--quiet", str(ROOT), str(folder))
    return folder


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _time_dev(clone: Path, environ: dict[str, str]) -> float:
    """Start `invoke dev`, post a report as soon as that is possible, and stop when it is done."""
    begin = time.monotonic()
    with (clone / ".bench.log").open("w") as log:
        dev = subprocess.Popen(
            [sys.executable, "-m", "invoke", "dev"],
            cwd=clone,
            env=environ,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            follow(f"http://127.0.0.1:{environ['API_PORT']}", lambda: _still_runs(dev), timeout=_TIMEOUT)
            return time.monotonic() - begin
        except CommandError as error:
            said = (clone / ".bench.log").read_text(encoding="utf-8")[-3000:]
            raise CommandError(f"{error}. The last it said:\n{said}") from error
        finally:
            dev.send_signal(signal.SIGINT)
            dev.wait(60)


def _still_runs(dev: subprocess.Popen[bytes]) -> None:
    if dev.poll() is not None:
        raise CommandError(f"`invoke dev` ended with exit code {dev.returncode}")
