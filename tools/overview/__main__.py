"""`python -m tools.overview`: run all checks, tests and measurements, and make one page of what they have shown."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools import ROOT, env, venv
from tools.overview.page import About, render
from tools.overview.results import read
from tools.signals import StopRequest
from tools.terminal import CommandError, coloured, run_command, say

REPORTS = ROOT / "reports"
_SESSIONS = ("lint", "types", "packages", "tests", "coverage", "profile")
# A short run, to be compared with the one before; `invoke stress` measures longer.
_STRESS = ("-m", "tools.stress", "--users=10", "--spawn-rate=10", "--run-time=10s")
_POLL = 0.1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps, make the page, and return 1 when a step has failed."""
    parser = argparse.ArgumentParser(prog="invoke check-all", description=__doc__)
    parser.add_argument("--skip", default="", help="steps to leave out, such as tests,stress; their last results stay")
    skipped = [name.strip() for name in parser.parse_args(arguments).skip.split(",") if name.strip()]
    names = [*_SESSIONS, "stress"]
    if unknown := sorted(set(skipped) - set(names)):
        raise CommandError(f"--skip: no such step: {', '.join(unknown)}; there are {', '.join(names)}.", code=2)
    chosen = [name for name in names if name not in skipped]
    began, stop = time.monotonic(), StopRequest()
    REPORTS.mkdir(exist_ok=True)
    codes = [_run(command, chosen, stop) for command in _commands(chosen)]
    page = write_page(REPORTS, [*(step for found in _sessions().values() for step in found), "stress"])
    verdict = coloured("failed", "red", sys.stderr) if any(codes) else coloured("passed", "green", sys.stderr)
    say(f"{verdict} in {time.monotonic() - began:.0f} s; in full: {page}")
    return int(any(codes))


def _sessions() -> dict[str, list[str]]:
    """Return the steps that each nox session makes: the tests are one on each Python."""
    listed = json.loads(_output(_nox(), "--list-sessions", "--json", "--session", *_SESSIONS))
    return {name: [each["session"] for each in listed if each["name"] == name] for name in _SESSIONS}


def _nox() -> str:
    return venv.program("nox", mend="pip install nox")


def _commands(chosen: Sequence[str]) -> list[list[str]]:
    """Return what runs the steps, and take away their last results: an old one must not look like one of this run."""
    for pattern in (pattern for name in chosen for pattern in _RESULTS.get(name, (f"outcome-{name}.json",))):
        for old in REPORTS.glob(pattern):
            old.unlink()
    sessions = [name for name in chosen if name != "stress"]
    found = [[_nox(), "--session", *sessions]] if sessions else []
    return found + [[sys.executable, *_STRESS]] * ("stress" in chosen)


_RESULTS = {
    "tests": ("outcome-tests-*.json", "tests-*.xml"),
    "coverage": ("outcome-coverage.json", "coverage.xml"),
    "profile": ("outcome-profile.json", "profile-tests.*"),
    "stress": ("outcome-stress.json", "stress[._]*"),
}


def _run(command: Sequence[str], chosen: Sequence[str], stop: StopRequest) -> int:
    """Run one command to its end. In a session of its own, so that it hears of Ctrl-C once, from here."""
    what = "stress" if "tools.stress" in command else ", ".join(name for name in chosen if name != "stress")
    say(f"\n{coloured('running', 'bold', sys.stderr)} {what} ...")
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    told = 0
    while process.poll() is None:
        if stop.count > told:
            told = stop.count
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        time.sleep(_POLL)
    stop.check()
    return process.returncode


def write_page(reports: Path, steps: Sequence[str]) -> Path:
    """Make the page from what is in the folder."""
    settings = env.load()
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    changed = " with changes" if _output("git", "status", "--porcelain") else ""
    about = About(
        project=settings.get("PROJECT", ""),
        version=settings.get("VERSION", ""),
        commit=_output("git", "log", "-1", "--format=%h (%s)") + changed,
        committed=float(_output("git", "log", "-1", "--format=%ct") or 0),
        steps=steps,
        required_coverage=tools["coverage"]["report"]["fail_under"],
        now=time.time(),
    )
    there = frozenset(
        str(path.relative_to(reports)) for path in (*reports.glob("*"), *reports.glob("coverage/index.html"))
    )
    page = reports / "index.html"
    page.write_text(render(about, read(reports), there), encoding="utf-8")
    return page


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(run_command(main))
