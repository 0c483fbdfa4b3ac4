"""What the sessions of `noxfile.py` share: exact environments, tests in several processes, and what is left of them.

Imported where nothing is installed but nox.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from devkit import ROOT, bootstrap, index, outcome

if TYPE_CHECKING:
    import nox

    Session = Callable[[nox.Session], None]

REPORTS = ROOT / "reports"
PYTEST = ["python", "-m", "pytest"]
if os.environ.get("CI"):
    # Its machines are shared. What passes only the second time is shown and named as RERUN, and stops nothing; what
    # fails twice is red, and so is all that fails after five of them.
    PYTEST += ["--reruns=1", "--reruns-delay=5", "--max-suite-reruns=5", "--rerun-show-tracebacks", "-raR"]
# More than two cores have, for the tests mostly wait for real servers; fewer where sessions run side by side.
PARALLEL = [*PYTEST, "-n", os.environ.get("TEST_PROCESSES", "4")]


def noted(body: Session) -> Session:
    """Make a session leave its outcome in `reports/`, for the page of `invoke check-all`, unless it runs in part."""

    @functools.wraps(body)
    def run(session: nox.Session) -> None:
        if session.posargs:
            body(session)
            return
        (REPORTS / f"{session.name}.xml").unlink(missing_ok=True)
        with outcome.noted(REPORTS, session.name) as result:
            body(session)
            result.passed = True

    return run


def install(session: nox.Session, lock: str) -> None:
    """Install exactly what a lock says, and our own packages, which change with every edit."""
    install_lock(session, lock)
    own = [f"./{folder.relative_to(ROOT)}" for folder in bootstrap.packages()]
    editable = [word for folder in own for word in ("--editable", folder)]
    session.install("--no-deps", "--no-build-isolation", *editable)


def install_lock(session: nox.Session, lock: str) -> None:
    """Install exactly what a lock says, and nothing else."""
    session.env.update(index.index_environ())
    session.install("--exact", "--require-hashes", "--requirement", f"requirements/{lock}.txt")


def run_tests(session: nox.Session, *usual: str) -> None:
    """Run the tests that were asked for, or the usual ones, which are noted for the page of `invoke check-all`."""
    noting = [] if session.posargs else [f"--junit-xml={REPORTS / session.name}.xml"]
    run_patiently(session, *PARALLEL, *noting, *(session.posargs or usual))


def run_patiently(session: nox.Session, *command: str) -> None:
    """Run what stops dozens of processes when it is interrupted; nox would give it half a second for that."""
    session.run(*command, interrupt_timeout=60, terminate_timeout=20)
