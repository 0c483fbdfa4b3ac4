"""Versions, and what the commits since the last release say: the next one and its section of CHANGELOG.md."""

from __future__ import annotations

import json
import os
import re
import subprocess

from packaging.version import Version

from devkit import ROOT, history, venv
from devkit.terminal import CommandError

_HEAD = """# Changelog

`invoke release` adds a section from the commit messages; what is corrected here by hand stays.
"""
_SEMVER = re.compile(r"((^|\.)(0|[1-9][0-9]*)){3}(-(alpha|beta|rc)\.(0|[1-9][0-9]*))?", re.ASCII)


def parsed(text: str) -> Version:
    """Return a version, to be compared with others; raise when the text is none that can be released.

    Other pre-releases and build metadata are SemVer (semver.org) too, but the packages, which follow PEP 440, refuse
    them or order them differently.
    """
    if not _SEMVER.fullmatch(text):
        raise CommandError(
            f"{text} is no SemVer version: write one such as 1.2.0; "
            "a pre-release ends in -alpha.1, -beta.1 or -rc.1, which Python packages know too."
        )
    return Version(text)


def next_version(current: str) -> str:
    """Return the version that follows the current one, by the commits since the last release."""
    found = json.loads(_git_cliff(*_unreleased(), "--context"))
    unreleased = found[0] if found else {"commits": []}
    if not unreleased["commits"]:
        raise CommandError(f"nothing to release: no commit since {current} changes the product.")
    # VERSION in .env is what counts, also before there is any tag.
    unreleased["previous"] = {**unreleased, "version": f"v{current}", "commits": [], "previous": None}
    bumped = _git_cliff("--from-context", "-", "--bumped-version", given=json.dumps([unreleased]))
    return bumped.strip().removeprefix("v")


def section(version: str) -> str:
    """Return what has changed since the last release, as the new version's section."""
    return _git_cliff(*_unreleased(), "--tag", f"v{version}").strip() + "\n"


def with_section(changelog: str, new: str) -> str:
    """Return the changelog with a section before all others."""
    head, mark, older = changelog.partition("\n## ")
    return f"{head.strip() or _HEAD.strip()}\n\n{new}" + (f"\n## {older}" if mark else "")


def _unreleased() -> list[str]:
    """Return what chooses the commits since the last release. A product begins after the starter's commits."""
    begin = history.last_release() or history.beginning()
    return [f"{begin}..HEAD"] if begin else ["--unreleased"]


def _git_cliff(*arguments: str, given: str = "") -> str:
    program = venv.program("git-cliff")
    command = [program, "--offline", "--config", str(ROOT / "pyproject.toml"), *arguments]
    # Its options can be set by variables too, and this machine's are not the project's.
    environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_CLIFF")} | {"NO_COLOR": "1"}
    # In a session of its own, so that Ctrl-C reaches only this process, which waits for it.
    done = subprocess.run(
        command, cwd=ROOT, env=environ, input=given, capture_output=True, text=True, check=False, start_new_session=True
    )
    if done.returncode:
        raise CommandError(f"git-cliff could not read the commits: {done.stderr.strip()}")
    return done.stdout
