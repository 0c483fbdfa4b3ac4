"""Plays the newcomer: `invoke dev` in the background, a report posted and done, Ctrl-C, and nothing left behind.

`python first_minute.py CLONE TITLE`, with `invoke` on PATH. The ports are those of `.env`; the environment wins.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

TIMEOUT = 180.0
PORTS = {
    name: int(os.environ.get(name, port))
    for name, port in (("API_PORT", 8000), ("MONGO_PORT", 27017), ("REDIS_PORT", 6379))
}
REPORTS = f"http://127.0.0.1:{PORTS['API_PORT']}/api/v1/reports"
# What `invoke dev` starts inherits this, wherever it moves. Valkey writes its title over it; its port tells of it.
MARK = f"FIRST_MINUTE={secrets.token_hex(8)}"


def main(clone: Path, title: str) -> None:
    """Raise when something is not as the README promises."""
    check(not open_ports(), f"somebody listens already on {open_ports()}: stop that, or set other ports")
    log = clone.with_name(f"{clone.name}-dev.log")
    began = time.monotonic()
    dev = start(clone, log)
    try:
        seconds = follow_report(dev, began)
        print(f"{title}: the first report was done {seconds:.1f} s after `invoke dev`")
        print(wait_for_table(log))
        stopped = time.monotonic()
        dev.send_signal(signal.SIGINT)
        code = dev.wait(60)
        print(f"{title}: stopped {time.monotonic() - stopped:.1f} s after Ctrl-C")
        check(code == 0, f"`invoke dev` ended with exit code {code}")
        check(not left_over(), f"left behind: {left_over()}")
        check(not open_ports(), f"still open: {open_ports()}")
        check("Traceback" not in log.read_text(encoding="utf-8"), "there is a traceback in the output")
    except BaseException:
        print(f"--- what `invoke dev` said ---\n{log.read_text(encoding='utf-8')}")
        raise
    finally:
        for pid in left_over():
            os.kill(pid, signal.SIGKILL)


def start(clone: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `invoke dev` as scripts do with `&`: Ctrl-C is ignored unless it says otherwise, and nothing is typed."""
    name, _, value = MARK.partition("=")
    with log.open("wb") as output:
        return subprocess.Popen(
            ["invoke", "dev"],
            cwd=clone,
            env={**os.environ, name: value},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )


def follow_report(dev: subprocess.Popen[bytes], began: float) -> float:
    """Post a report as soon as that is possible; return the seconds until it was done."""
    report: dict[str, Any] = {}
    while report.get("status") != "done":
        check(dev.poll() is None, f"`invoke dev` ended with exit code {dev.returncode}")
        check(
            time.monotonic() - began < TIMEOUT, f"no report was done within {TIMEOUT:.0f} s; the last answer: {report}"
        )
        check(report.get("status") not in ("failed", "cancelled"), f"the report is {report}")
        time.sleep(0.05)
        with contextlib.suppress(ConnectionError, urllib.error.URLError):
            report = (
                answer(f"{REPORTS}/{report['id']}")
                if report
                else answer(REPORTS, {"title": "CI", "values": [1, 2, 4.5]})
            )
    check(report["result"]["mean"] == 2.5, f"the result is wrong: {report}")
    return time.monotonic() - began


def answer(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the API answers to a GET, or to a POST when there is a body."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own address
        found: dict[str, Any] = json.load(response)
    return found


def left_over() -> list[int]:
    """Return the pids of what `invoke dev` started and is still there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if MARK.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def open_ports() -> list[str]:
    """Return the ports of the stack on which somebody listens."""
    found = []
    for name, port in PORTS.items():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            found.append(f"{name} {port}")
    return found


def wait_for_table(log: Path) -> str:
    """Return what `invoke dev` prints about its parts once all of them work; the API may answer before."""
    deadline = time.monotonic() + TIMEOUT
    while "Ctrl-C" not in (said := log.read_text(encoding="utf-8")):
        check(time.monotonic() < deadline, "`invoke dev` printed no table of its parts")
        time.sleep(0.05)
    lines = said.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("part "))
    end = next(number for number, line in enumerate(lines) if "Ctrl-C" in line)
    return "\n".join(lines[begin:end])


def check(holds: bool, problem: str) -> None:  # noqa: FBT001 - what holds is what this is about
    """Raise when something does not hold."""
    if not holds:
        raise SystemExit(f"first minute: {problem}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
