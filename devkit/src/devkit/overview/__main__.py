"""`python -m devkit.overview`: run all checks, tests and measurements, and make one page of what they have shown."""

import argparse
import json
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, env, venv
from devkit.overview.page import About, render
from devkit.overview.results import read
from devkit.overview.verdict import State, verdict
from devkit.signals import StopRequest, run_stoppable
from devkit.terminal import CommandError, coloured, run_command, say

REPORTS = ROOT / "reports"
_SESSIONS = ("lint", "types", "packages", "tests", "coverage", "profile")
_STEPS = (*_SESSIONS, "stress")
# A short run, to be compared with the one before; `invoke stress` measures longer.
_STRESS = ("-m", "devkit.stress", "--users=10", "--spawn-rate=10", "--run-time=10s")
# What the steps leave in `reports/` beside their outcomes.
_RESULTS = {
    "tests": ("tests-*.xml",),
    "coverage": ("coverage.xml", "coverage"),
    "profile": ("profile-tests.*",),
    "stress": ("stress[._]*",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps, make the page, and return 1 when something on it has failed."""
    parser = argparse.ArgumentParser(prog="invoke check-all", description=__doc__)
    parser.add_argument("--skip", default="", help="steps to leave out, such as tests,stress; their last results stay")
    chosen = _chosen(parser.parse_args(arguments).skip)
    began, stop = time.monotonic(), StopRequest()
    REPORTS.mkdir(exist_ok=True)
    _forget(chosen)
    sessions = [name for name in chosen if name in _SESSIONS]
    codes = [_run([_nox(), "--session", *sessions], ", ".join(sessions), stop)] if sessions else []
    codes += [_run([sys.executable, *_STRESS], "stress", stop)] if "stress" in chosen else []
    overall = write_page(REPORTS, _all_steps())
    failed = any(codes) or overall.kind == "failed"
    words = coloured(overall.words, "red" if failed else "green", sys.stderr)
    say(f"\n{words}\n{time.monotonic() - began:.0f} s; in full: {REPORTS / 'index.html'}")
    return int(failed)


def _chosen(skip: str) -> list[str]:
    skipped = {name.strip() for name in skip.split(",") if name.strip()}
    if unknown := sorted(skipped - set(_STEPS)):
        raise CommandError(f"--skip: no such step: {', '.join(unknown)}; there are {', '.join(_STEPS)}.", code=2)
    return [name for name in _STEPS if name not in skipped]


def _all_steps() -> list[str]:
    """Return all steps there are: the tests are one on each Python."""
    listed = json.loads(_output(_nox(), "--list-sessions", "--json", "--session", *_SESSIONS))
    return [*(each["session"] for name in _SESSIONS for each in listed if each["name"] == name), "stress"]


def _nox() -> str:
    return venv.program("nox", mend="run `invoke install`.")


def _forget(chosen: Sequence[str]) -> None:
    """Delete the last results of the steps that are to be run: they must not look like results of this run."""
    for name in chosen:
        outcomes = f"outcome-{name}-*.json" if name == "tests" else f"outcome-{name}.json"
        for old in (path for pattern in (outcomes, *_RESULTS.get(name, ())) for path in REPORTS.glob(pattern)):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink()


def _run(command: Sequence[str], what: str, stop: StopRequest) -> int:
    """Run one command to its end."""
    say(f"\n{coloured('running', 'bold', sys.stderr)} {what} ...")
    return run_stoppable(command, stop)


def write_page(reports: Path, steps: Sequence[str]) -> State:
    """Make the page from what is in the folder, and return what it says of all."""
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
    results = read(reports)
    (reports / "index.html").write_text(render(about, results, there), encoding="utf-8")
    return verdict(steps, results)


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(run_command(main))
