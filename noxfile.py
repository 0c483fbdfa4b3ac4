"""Isolated sessions. `nox` runs what a commit must pass; `nox -s tests -- -k report` passes arguments on to pytest."""

import functools
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import nox

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
# A Python that is not there skips its tests visibly; in CI it is an error.
nox.options.error_on_missing_interpreters = bool(os.environ.get("CI"))
nox.options.sessions = ["lint", "types", "packages", "tests", "coverage"]

ROOT = Path(__file__).resolve().parent
MEASURE = ROOT / "devkit/src/devkit/measure"
REPORTS = ROOT / "reports"
PYTHONS = ["3.11", "3.12", "3.13"]
# What runs in production, and is tested on each Python; the toolbox and the documents are on the first one alone.
SHIPPED = ["libs", "services", "tests/e2e", "tests/environment", "tests/tls"]
# More than two cores have, for the tests mostly wait for real servers.
PARALLEL = ["-n", "4"]


def noted(body: Callable[[nox.Session], None]) -> Callable[[nox.Session], None]:
    """Make a session leave its outcome in `reports/`, for the page of `invoke check-all`; a part of one is none."""

    @functools.wraps(body)
    def run(session: nox.Session) -> None:
        if session.posargs:
            return body(session)
        began, outcome = time.time(), REPORTS / f"outcome-{session.name}.json"
        REPORTS.mkdir(exist_ok=True)
        for old in (outcome, REPORTS / f"{session.name}.xml"):
            old.unlink(missing_ok=True)
        passed = False
        try:
            body(session)
            passed = True
        finally:
            found = {"name": session.name, "passed": passed, "seconds": round(time.time() - began, 1)}
            outcome.write_text(json.dumps(found) + "\n", encoding="utf-8")

    return run


@nox.session(python=PYTHONS)
@noted
def tests(session: nox.Session) -> None:
    """Run all tests on the first Python, and on the others those of what runs in production, up to the whole stack."""
    install(session, "tests")
    noting = [] if session.posargs else [f"--junit-xml={REPORTS / session.name}.xml"]
    chosen = session.posargs or ([] if session.python == PYTHONS[0] else SHIPPED)
    run_patiently(session, "python", "-m", "pytest", *PARALLEL, *noting, *chosen)


@nox.session
@noted
def coverage(session: nox.Session) -> None:
    """Run all tests measured, API threads and worker children included; report in reports/coverage/."""
    install(session, "tests")
    data = Path(session.virtualenv.location, "measured")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    # Absolute, for the measured processes work in folders of their own.
    session.env.update(
        COVERAGE_RCFILE=str(ROOT / "pyproject.toml"),
        COVERAGE_FILE=str(data / "coverage"),
    )
    run_patiently(session, "coverage", "run", "-m", "pytest", *PARALLEL, *session.posargs)
    # Some of the tests cannot reach what all of them must.
    partial = ["--fail-under=0"] if session.posargs else []
    if not partial:
        session.run("python", MEASURE / "processes.py", data)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "html", "--quiet", "--fail-under=0")
    if not partial:
        session.run("coverage", "xml", "--quiet", "--fail-under=0", "-o", REPORTS / "coverage.xml")
    session.run("coverage", "report", *partial)
    session.log("in full: reports/coverage/index.html")


@nox.session
def histories(session: nox.Session) -> None:
    """Kill a job's processes at every pair of points, search long for what goes wrong, drain a thousand large jobs."""
    install(session, "tests")
    jobs = "libs/jobs/tests"
    tests = [
        f"{jobs}/test_crash_points.py",
        f"{jobs}/test_large_backlog.py",
        "libs/domain/tests/report/test_machine.py",
    ]
    session.run("python", "-m", "pytest", *PARALLEL, "-rP", *tests, *session.posargs, env={"JOB_SEARCH": "long"})


@nox.session
def chaos(session: nox.Session) -> None:
    """Inject every fault that one machine can show into the production stack; arguments as of `invoke chaos`."""
    install(session, "tests")
    session.run("python", "-m", "devkit", "chaos", *session.posargs)


@nox.session
def docker(session: nox.Session) -> None:
    """Deploy in containers and try all of it; `-- --bases` builds the base images from Debian's packages first."""
    install(session, "tests")
    session.run("python", "-m", "pytest", "-m", "docker", "-p", "no:randomly", "tests/docker", *session.posargs)


@nox.session
@noted
def profile(session: nox.Session) -> None:
    """Profile the tests that need no server: prof/combined.prof for `python -m pstats`, and prof/combined.svg."""
    install(session, "tests")
    folder = ROOT / "prof"
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--profile", "--element-number", "0", "-p", "without_servers"]
    # Without graphviz pytest-profiling makes no picture and says nothing of it; then the report draws one.
    options += ["--profile-svg"] if shutil.which("dot") else []
    chosen = session.posargs or ["libs", "services"]
    session.run("python", "-m", "pytest", *options, *chosen, env={"PYTHONPATH": str(MEASURE)})
    session.run("python", MEASURE / "profile_report.py", folder, *([] if session.posargs else [REPORTS]))


@nox.session
@noted
def lint(session: nox.Session) -> None:
    """Check style and formatting of the Python code, and the shell scripts."""
    install(session, "lint", own=False)
    session.run("python", "-m", "devkit.check", "lint")


@nox.session
@noted
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session, "dev")
    session.run("python", "-m", "devkit.check", "types")


@nox.session
@noted
def packages(session: nox.Session) -> None:
    """Build each of our packages, install it alone in a clean environment, and import all of it there."""
    install(session, "build", own=False)
    wheels, alone = Path(session.virtualenv.location, "dist"), Path(session.virtualenv.location, "alone")
    shutil.rmtree(wheels, ignore_errors=True)
    for folder in projects():
        session.run("uv", "build", "--quiet", "--no-build-isolation", "--out-dir", wheels, folder)
    for folder in projects():
        # Given as files, our packages are asked of no index; the lock says the versions and hashes of all others.
        files = [next(wheels.glob(f"{each.replace('-', '_')}-*.whl")) for each in with_own(distribution(folder))]
        lock = ROOT / "requirements" / "dev.txt"
        session.run("uv", "venv", "--quiet", "--clear", alone)
        session.run("uv", "pip", "install", "--quiet", "--python", alone, "--constraints", lock, *files)
        session.run("uv", "pip", "check", "--quiet", "--python", alone)
        check = ROOT / "devkit/tests/packages/alone.py"
        with session.chdir(alone):
            session.run("bin/python", "-I", check, distribution(folder), setting("VERSION"), external=True)


def run_patiently(session: nox.Session, *command: str) -> None:
    """Run what stops dozens of processes when it is interrupted; nox would give it half a second for that."""
    session.run(*command, interrupt_timeout=60, terminate_timeout=20)


def install(session: nox.Session, lock: str, *, own: bool = True) -> None:
    """Install what a lock says, and our own packages, unless the environment is made from just that."""
    requirements = ROOT / "requirements" / f"{lock}.txt"
    folders = projects() if own else []
    stamp = Path(session.virtualenv.location, "stamp")
    wanted = fingerprint(requirements, folders)
    session.env["UV_PYTHON_DOWNLOADS"] = "never"
    # Containers often set it. The tests start dozens of processes, and each would compile all its imports anew.
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    if index := os.environ.get("PYPI_INDEX_URL", setting("PYPI_INDEX_URL")):
        session.env["UV_DEFAULT_INDEX"] = index
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    session.log(f"installing {requirements.relative_to(ROOT)} ...")
    # Written last: an interrupted installation is repaired by the next run.
    stamp.unlink(missing_ok=True)
    session.run_install("uv", "pip", "sync", "--quiet", "--require-hashes", requirements)
    if folders:
        editable = [argument for folder in folders for argument in ("--editable", folder)]
        session.run_install("uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", *editable)
    stamp.write_text(wanted, encoding="utf-8")


def projects() -> list[Path]:
    """Return the folders of our own packages."""
    found = [path for group in ("libs/*", "services/*", "devkit") for path in ROOT.glob(f"{group}/pyproject.toml")]
    return sorted(path.parent for path in found)


def distribution(folder: Path) -> str:
    """Return the name that one of our packages is installed by."""
    return str(nox.project.load_toml(folder / "pyproject.toml")["project"]["name"])


def with_own(name: str) -> list[str]:
    """Return the name of one of our packages, and of those of ours that it depends on."""
    own = {distribution(folder): folder for folder in projects()}
    required = nox.project.load_toml(own[name] / "pyproject.toml")["project"]["dependencies"]
    names = (re.split(r"[^\w.-]", requirement)[0] for requirement in required)
    found = {name: None} | {each: None for direct in names if direct in own for each in with_own(direct)}
    return list(found)


def fingerprint(requirements: Path, folders: list[Path]) -> str:
    """Return a text that changes with everything an environment is made from."""
    digest = hashlib.sha256()
    for path in (requirements, *(folder / "pyproject.toml" for folder in folders)):
        # The paths too: an editable installation points to folders.
        digest.update(f"{path}\n".encode() + path.read_bytes())
    digest.update(setting("VERSION").encode())
    return digest.hexdigest()


def setting(name: str) -> str:
    """Return what the settings files say; `.env.local` wins over `.env`."""
    value = ""
    for path in (ROOT / ".env", ROOT / ".env.local"):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        found = re.findall(rf"^{name}=[\"']?([^\s\"'#]*)", text, re.MULTILINE)
        value = found[-1] if found else value
    return value
