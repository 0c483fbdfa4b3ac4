"""Isolated sessions. `nox` runs what a commit must pass; `nox -s tests -- -k health` passes arguments on to pytest."""

import os
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "devkit" / "src"))

from devkit import bootstrap, sessions  # noqa: E402 - not installed where nox is

# What the shell has set for other programs changes nothing here.
bootstrap.prepare_environment()

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
# A Python that is not there skips its tests visibly; in CI it is an error.
nox.options.error_on_missing_interpreters = bool(os.environ.get("CI"))

PROGRAMS = ROOT / "devkit/programs"
PYTHONS = ["3.11", "3.12", "3.13"]
# `coverage` runs the same tests, on the Python that nox has.
MEASURED = f"{sys.version_info.major}.{sys.version_info.minor}"
TESTS = [f"tests-{python}" for python in PYTHONS if python != MEASURED]
nox.options.sessions = ["lint", "types", "packages", *TESTS, "devkit", "coverage"]
# What runs in production is tested on each Python; all of it together, and encrypted, on the one that nox has; the
# toolbox and the documents on the first one alone.
PRODUCT = ["libs", "services"]
WHOLE_PRODUCT = [*PRODUCT, "tests/e2e", "devkit/tests/tls"]
TOOLBOX = ["devkit/tests", "--ignore=devkit/tests/tls"]
# [starter]
# `nox -s docs` and `nox -s features` do the rest.
TOOLBOX += ["tests/docs", "--deselect=tests/docs/test_blocks.py::test_the_commands_of_a_document"]
TOOLBOX += ["--ignore=devkit/tests/features"]
# [/starter]


@nox.session
@sessions.noted
def lint(session: nox.Session) -> None:
    """Check style and formatting of the Python code, the arrows between the packages, and the shell scripts."""
    sessions.install(session, "dev")
    session.run("python", "-m", "devkit", "lint")


@nox.session
@sessions.noted
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    sessions.install(session, "dev")
    session.run("python", "-m", "devkit", "types")


@nox.session
@sessions.noted
def packages(session: nox.Session) -> None:
    """Build each of our packages, install it alone in a clean environment, and import all of it there."""
    sessions.install(session, "dev")
    session.run("python", "-m", "devkit.packages", session.virtualenv.location)


@nox.session(python=PYTHONS)
@sessions.noted
def tests(session: nox.Session) -> None:
    """Run the tests of what runs in production on each Python, on nox's own up to the whole stack."""
    sessions.install(session, "tests")
    sessions.run_tests(session, *(WHOLE_PRODUCT if session.python == MEASURED else PRODUCT))


@nox.session(python=PYTHONS[0])
@sessions.noted
def devkit(session: nox.Session) -> None:
    """Run the tests of the toolbox, on the first Python."""
    sessions.install(session, "tests")
    sessions.run_tests(session, *TOOLBOX)


@nox.session
@sessions.noted
def coverage(session: nox.Session) -> None:
    """Run the tests of the product and measure what they run, in threads and children too: reports/coverage/."""
    sessions.install(session, "tests")
    data = Path(session.virtualenv.location, "measured")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    # Absolute, for the measured processes work in folders of their own.
    session.env.update(COVERAGE_RCFILE=str(ROOT / "pyproject.toml"), COVERAGE_FILE=str(data / "coverage"))
    sessions.run_patiently(session, "coverage", "run", *sessions.PARALLEL[1:], *(session.posargs or WHOLE_PRODUCT))
    if not session.posargs:
        session.run("python", PROGRAMS / "measured_processes.py", data)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "html", "--quiet", "--fail-under=0")
    if not session.posargs:
        session.run("coverage", "xml", "--quiet", "--fail-under=0", "-o", sessions.REPORTS / "coverage.xml")
    # Some of the tests cannot reach what all of them must.
    session.run("coverage", "report", *["--fail-under=0"] * bool(session.posargs))
    session.log("in full: reports/coverage/index.html")


@nox.session
def audit(session: nox.Session) -> None:
    """Ask an advisory service about all that is locked, and fail if it cannot be asked; `-- --url URL` asks another."""
    sessions.install_lock(session, "audit")
    session.run("python", PROGRAMS / "audit.py", ROOT, *session.posargs)


# [queue]
@nox.session(name="crash-explorer")
def crash_explorer(session: nox.Session) -> None:
    """Kill a job's processes at every pair of points, search long for what goes wrong, drain a thousand large jobs."""
    sessions.install(session, "tests")
    jobs = "libs/jobs/tests"
    chosen = [
        f"{jobs}/test_crash_points.py",
        f"{jobs}/test_large_backlog.py",
        f"{jobs}/test_machine.py",
    ]
    session.run(*sessions.PARALLEL, "-rP", *chosen, *session.posargs, env={"JOB_SEARCH": "long"})


# [/queue]
# [chaos]
@nox.session
def chaos(session: nox.Session) -> None:
    """Inject every fault that one machine can show into the production stack; arguments as of `invoke chaos`."""
    sessions.install(session, "tests")
    session.run("python", "-m", "devkit", "chaos", *session.posargs)


# [/chaos]
# [docker]
@nox.session
def docker(session: nox.Session) -> None:
    """Deploy in containers and try all of it; `-- --bases` builds the base images from Debian's packages first."""
    sessions.install(session, "tests")
    session.run(*sessions.PYTEST, "-m", "deploy", "-p", "no:randomly", "devkit/tests/docker", *session.posargs)


# [/docker]
# [starter]
@nox.session
def docs(session: nox.Session) -> None:
    """Type every command of the documents, each document in a clone of its own."""
    sessions.install(session, "tests")
    sessions.run_patiently(session, *sessions.PARALLEL, "tests/docs", *session.posargs)


@nox.session
def features(session: nox.Session) -> None:
    """Make and delete features in copies, and run what remains there; `-- -m 'not whole'` is quick."""
    sessions.install(session, "dev")
    # With the tests that are quick, which the usual run leaves out for want of the linters.
    sessions.run_patiently(
        session, *sessions.PARALLEL, "-m", "", "devkit/tests/features", "devkit/tests/project", *session.posargs
    )


@nox.session
def matrix(session: nox.Session) -> None:
    """Remove each capability from a copy, and all of them, and run what remains; `-- -m 'not whole'` is quick."""
    sessions.install(session, "dev")
    sessions.run_patiently(session, *sessions.PARALLEL, "-m", "", "devkit/tests/capabilities", *session.posargs)


# [/starter]
@nox.session
@sessions.noted
def profile(session: nox.Session) -> None:
    """Profile the tests that need no server: prof/combined.prof for `python -m pstats`, and prof/combined.svg."""
    sessions.install(session, "tests")
    folder = ROOT / "prof"
    shutil.rmtree(folder, ignore_errors=True)
    # Without graphviz pytest-profiling makes no picture and says nothing of it; then the report draws one.
    options = ["--profile", "--element-number", "0", *["--profile-svg"] * bool(shutil.which("dot"))]
    chosen = session.posargs or ["libs", "services"]
    session.env["PYTHONPATH"] = str(PROGRAMS)
    session.run("python", "-m", "pytest", *options, "-p", "without_servers", *chosen)
    session.run("python", PROGRAMS / "profile_report.py", folder, *([] if session.posargs else [sessions.REPORTS]))
