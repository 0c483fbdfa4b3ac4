"""`python -m tools.bench first-minute`: the time from a fresh clone to the first report done, measured from outside."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tools import ROOT, ports
from tools.terminal import CommandError, run_command, say, table

_TIMEOUT = 300
_REPORT = json.dumps({"title": "First minute", "values": [3.5, 1, 4, 1, 5]}).encode()
_PORTS = ("API_PORT", "MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT")


def main(arguments: list[str]) -> int:
    """Measure what is asked for and print it beside its target."""
    if arguments != ["first-minute"]:
        raise CommandError("there is one measurement: first-minute.")
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
            _wait_for_report(dev, f"http://127.0.0.1:{environ['API_PORT']}", clone / ".bench.log")
            return time.monotonic() - begin
        finally:
            dev.send_signal(signal.SIGINT)
            dev.wait(60)


def _wait_for_report(dev: subprocess.Popen[bytes], api: str, log: Path) -> None:
    report: dict[str, str] = {}
    deadline = time.monotonic() + _TIMEOUT
    while report.get("status") != "done":
        if dev.poll() is not None or time.monotonic() > deadline:
            raise CommandError(f"`invoke dev` did not finish a report:\n{log.read_text(encoding='utf-8')[-3000:]}")
        time.sleep(0.05)
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            report = _get(f"{api}/api/v1/reports/{report['id']}") if report else _post(f"{api}/api/v1/reports")


def _post(url: str) -> dict[str, str]:
    return _answer(urllib.request.Request(url, _REPORT, {"Content-Type": "application/json"}))  # noqa: S310 - our own address


def _get(url: str) -> dict[str, str]:
    return _answer(urllib.request.Request(url))  # noqa: S310 - our own address


def _answer(request: urllib.request.Request) -> dict[str, str]:
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - our own address
        answer: dict[str, str] = json.load(response)
        return answer


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
