"""Run all checks, tests and measurements, and write one page of their results."""

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, env, values, venv
from devkit.deletion import delete
from devkit.git import asked
from devkit.overview.page import About, State, render, verdict
from devkit.overview.reading import SECTIONS, STEPS, read
from devkit.signals import StopRequest, run_stoppable
from devkit.terminal import CommandError, coloured, complain, say

REPORTS = ROOT / "reports"
_SESSIONS = ("lint", "types", "packages", "tests", "devkit", "coverage", "profile")
_ALL = (*_SESSIONS, *STEPS)
# The files that the steps write to `reports/` beside their outcomes.
_RESULTS = {
    "tests": ("tests-*.xml",),
    "devkit": ("devkit.xml",),
    "coverage": ("coverage.xml", "coverage"),
    "profile": ("profile-tests.*",),
} | {name: step.files for name, step in STEPS.items()}


def check_all(skip: str) -> int:
    """Run the steps but for those in `skip`, write the page, and return 1 when something on it has failed."""
    chosen = [name for name in _ALL if name not in values.names("--skip", skip, list(_ALL))]
    began, stop = time.monotonic(), StopRequest()
    REPORTS.mkdir(exist_ok=True)
    _delete_results(chosen)
    known = _sessions()
    sessions = [session for name, session in known if name in chosen]
    codes = []
    if sessions:
        _announce(", ".join(sessions))
        codes.append(run_stoppable([_nox(), "--session", *sessions], stop))
    for name in (name for name in chosen if name in STEPS):
        _announce(name)
        codes.append(_run(name))
    overall = write_page(REPORTS, [*(session for _, session in known), *STEPS])
    failed = any(codes) or overall.kind == "failed"
    words = coloured(overall.words, "red" if failed else "green", sys.stderr)
    say(f"\n{words}\n{time.monotonic() - began:.0f} s; in full: {REPORTS / 'index.html'}")
    return int(failed)


def _sessions() -> list[tuple[str, str]]:
    """Return the sessions behind their names: what bare `nox` runs, the tests on several Pythons, and the profile."""
    command = [_nox(), "--list-sessions", "--json"]
    listed = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout)
    ran = [(session["name"], session["session"]) for session in listed] + [("profile", "profile")]
    return [(name, session) for known in _SESSIONS for name, session in ran if name == known]


def _nox() -> str:
    return venv.program("nox")


def _delete_results(chosen: Sequence[str]) -> None:
    """Delete the last results of the steps that will run: they must not look like results of this run."""
    for name in chosen:
        outcomes = f"outcome-{name}-*.json" if name == "tests" else f"outcome-{name}.json"
        for old in (path for pattern in (outcomes, *_RESULTS.get(name, ())) for path in REPORTS.glob(pattern)):
            delete(old, REPORTS)


def _run(step: str) -> int:
    try:
        return STEPS[step].run(REPORTS)
    except CommandError as error:
        complain(str(error))
        return error.code


def _announce(what: str) -> None:
    say(f"\n{coloured('running', 'bold', sys.stderr)} {what} ...")


def write_page(reports: Path, steps: Sequence[str]) -> State:
    """Write the page of the results in a folder, and return the state of all."""
    settings = env.settings()
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    changed = " with changes" if asked("status", "--porcelain") else ""
    about = About(
        project=settings.get("PROJECT", ""),
        version=settings.get("VERSION", ""),
        commit=asked("log", "-1", "--format=%h (%s)") + changed,
        committed=float(asked("log", "-1", "--format=%ct") or 0),
        steps=steps,
        required_coverage=tools["coverage"]["report"]["fail_under"],
        now=time.time(),
    )
    pictures = (section.pictures for section in SECTIONS.values() if section.pictures)
    files = (path for pattern in ("*", "coverage/index.html", *pictures) for path in reports.glob(pattern))
    existing = frozenset(str(path.relative_to(reports)) for path in files)
    results = read(reports)
    (reports / "index.html").write_text(render(about, results, existing), encoding="utf-8")
    return verdict(steps, results)
