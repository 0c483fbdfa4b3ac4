"""The locks: what belongs into them, and that a drift is found without a network."""

import re
import subprocess
from pathlib import Path

import pytest

from devkit.bootstrap import packages
from devkit.lock import Lock, distribution, drifted, locks

from .conftest import ROOT, run_in


def check(root: Path) -> subprocess.CompletedProcess[str]:
    return run_in(root, "-m", "devkit", "lock", "--check")


def versions(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", path.read_text(), re.MULTILINE))


def test_the_committed_locks_are_current() -> None:
    assert drifted() == []


@pytest.mark.parametrize("lock", locks(), ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_everything_and_neither_an_address_nor_our_own_packages(lock: Lock) -> None:
    text = lock.path.read_text()
    assert "://" not in text
    assert not versions(lock.path).keys() & {distribution(folder) for folder in packages()}
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text)[1:])


@pytest.mark.parametrize("name", ["api", "worker", "admin", "tests", "build"])
def test_each_lock_agrees_with_that_of_everything(name: str) -> None:
    everything = versions(ROOT / "requirements" / "dev.txt").items()
    assert versions(ROOT / "requirements" / f"{name}.txt").items() <= everything


def test_each_service_locks_what_it_runs_on_and_not_the_other() -> None:
    api, worker = (versions(ROOT / "requirements" / f"{name}.txt") for name in ("api", "worker"))
    assert "flask" in api
    assert "flask" not in worker
    assert "celery" in worker
    assert "pytest" not in api.keys() | worker.keys()


def test_what_patches_the_standard_library_is_locked_apart() -> None:
    assert "locust" in versions(ROOT / "requirements" / "stress.txt")
    assert not [lock for lock in locks() if not lock.apart and {"locust", "gevent"} & versions(lock.path).keys()]


def test_a_session_of_the_tests_installs_every_program_that_the_tools_look_for() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "devkit" / "src").rglob("*.py"))
    # nox runs the session.
    wanted = set(re.findall(r'\bprogram\(\s*"([a-z-]+)"', text)) - {"nox"}
    assert {"git-cliff", "py-spy", "uv"} <= wanted
    assert wanted <= versions(ROOT / "requirements" / "tests.txt").keys()


def test_an_unchanged_copy_has_no_drift(clone: Path) -> None:
    done = check(clone)
    assert done.returncode == 0, done.stderr


def test_a_new_dependency_is_a_drift_of_the_locks_it_belongs_to(clone: Path) -> None:
    project = clone / "services" / "worker" / "pyproject.toml"
    project.write_text(project.read_text().replace("dependencies = [", 'dependencies = [\n    "attrs",'))
    done = check(clone)
    assert done.returncode == 1
    assert "requirements/worker.txt" in done.stderr
    assert "requirements/api.txt" not in done.stderr
    assert "invoke lock" in done.stderr


def test_a_lock_edited_by_hand_is_a_drift(clone: Path) -> None:
    path = clone / "requirements" / "stress.txt"
    path.write_text(path.read_text().replace("locust==", "locust==9"))
    assert "requirements/stress.txt" in check(clone).stderr


def test_a_missing_lock_is_a_drift(clone: Path) -> None:
    (clone / "requirements" / "build.txt").unlink()
    assert "requirements/build.txt" in check(clone).stderr
