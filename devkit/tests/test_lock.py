"""The locks: what belongs into them, and that a drift is found without a network."""

import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devkit.bootstrap import find_program, packages
from devkit.lock import Lock, distribution, drifted, locks

from .conftest import ROOT, run_in

SERVICES = sorted(folder.name for folder in packages() if folder.parent.name == "services")


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


@pytest.mark.parametrize("name", [*SERVICES, "tests", "build", "ci"])
def test_each_lock_agrees_with_that_of_everything(name: str) -> None:
    everything = versions(ROOT / "requirements" / "dev.txt").items()
    assert versions(ROOT / "requirements" / f"{name}.txt").items() <= everything


def test_each_service_locks_what_it_runs_on_and_not_the_other() -> None:
    locks = {name: versions(ROOT / "requirements" / f"{name}.txt").keys() for name in SERVICES}
    assert {"apiflask", "flask"} <= locks["api"]
    assert "apiflask" not in set().union(*(names for service, names in locks.items() if service != "api"))
    assert "pytest" not in set().union(*locks.values())


def test_a_session_of_the_tests_installs_every_program_that_the_tools_look_for() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "devkit" / "src").rglob("*.py"))
    # nox runs the session, and git's hooks are tested in a session with all programs.
    wanted = set(re.findall(r'\bprogram\(\s*"([a-z-]+)"', text)) - {"nox", "prek"}
    assert {"git-cliff", "py-spy", "uv"} <= wanted
    assert wanted <= versions(ROOT / "requirements" / "tests.txt").keys()


def test_what_ci_installs_is_locked() -> None:
    files = [*ROOT.glob(".github/workflows/*.yml"), *(ROOT / "devkit/src/devkit/forges/templates").glob("*.yml")]
    lines = [line for path in files for line in path.read_text().splitlines() if "pip install" in line]
    assert lines
    assert [line for line in lines if "--require-hashes" not in line] == []


def test_an_unchanged_copy_has_no_drift(clone: Path) -> None:
    done = check(clone)
    assert done.returncode == 0, done.stderr


def test_a_new_dependency_is_a_drift_of_the_locks_it_belongs_to(clone: Path) -> None:
    project = clone / "services" / "admin" / "pyproject.toml"
    project.write_text(project.read_text().replace("dependencies = [", 'dependencies = [\n    "attrs",'))
    done = check(clone)
    assert done.returncode == 1
    assert "requirements/admin.txt" in done.stderr
    assert "requirements/api.txt" not in done.stderr
    assert "invoke lock" in done.stderr


def test_a_lock_edited_by_hand_is_a_drift(clone: Path) -> None:
    path = clone / "requirements" / "tests.txt"
    path.write_text(path.read_text().replace("pytest==", "pytest==9"))
    assert "requirements/tests.txt" in check(clone).stderr


def test_a_missing_lock_is_a_drift(clone: Path) -> None:
    (clone / "requirements" / "build.txt").unlink()
    assert "requirements/build.txt" in check(clone).stderr


def test_a_lock_with_another_version_than_that_of_everything_is_a_drift(clone: Path) -> None:
    path = clone / "requirements" / "dev.txt"
    path.write_text(path.read_text().replace("flask==", "flask==1"))
    # As if it had been made so.
    again = "from devkit.lock import _head, locks; l = locks()[0]; b = l.path.read_text().partition('\\n')[2]"
    assert run_in(clone, "-c", f"{again}; l.path.write_text(_head(l, b) + b)").returncode == 0
    said = check(clone).stderr
    assert "requirements/api.txt" in said
    assert not {"requirements/dev.txt", "requirements/build.txt"} & set(re.split(r"[ ,:]+", said))


def test_what_is_current_is_not_resolved_again(clone: Path) -> None:
    done = run_in(clone, "-m", "devkit", "lock", UV_DEFAULT_INDEX="http://127.0.0.1:9/simple")
    assert done.returncode == 0, done.stderr
    assert "--upgrade" in done.stderr
    (clone / "requirements" / "build.txt").unlink()
    done = run_in(clone, "-m", "devkit", "lock", UV_DEFAULT_INDEX="http://127.0.0.1:9/simple", UV_HTTP_RETRIES="0")
    assert done.returncode == 1
    assert re.findall(r"(?m)^locking .*", done.stderr) == ["locking requirements/build.txt ..."]


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """An index that has nothing: its address, and the names of the packages that it was asked for."""
    names: list[str] = []

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names.append(self.path.strip("/").rpartition("/")[2])
            self.send_error(404)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name that it has there
            """Keep the output of the tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple", names
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("sources", [True, False], ids=["with paths", "without"])
def test_no_index_is_ever_asked_for_a_package_of_ours(
    clone: Path,
    asked: tuple[str, list[str]],
    tmp_path: Path,
    sources: bool,  # noqa: FBT001 - a parameter
) -> None:
    address, names = asked
    own = {distribution(folder) for folder in packages()}
    for project in clone.glob("services/*/pyproject.toml") if not sources else ():
        project.write_text(re.sub(r"(?s)\[tool\.uv\.sources\].*?(?=\n\[|\Z)", "", project.read_text()))
    command = [str(find_program("uv")), "pip", "compile", "--quiet", "--no-build-isolation", "--python", sys.executable]
    files = [str(path) for path in clone.glob("services/*/pyproject.toml")]
    environ = {
        **os.environ,
        "UV_DEFAULT_INDEX": address,
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_HTTP_RETRIES": "0",
    }
    done = subprocess.run([*command, *files], cwd=clone, env=environ, capture_output=True, text=True)
    # It has none of the others either, which shows that it was asked.
    assert done.returncode != 0
    assert names
    assert bool(own & set(names)) is not sources


def test_every_package_of_ours_that_another_one_needs_is_a_path_and_may_not_be_uploaded() -> None:
    own = {distribution(folder): folder for folder in packages()}
    for folder in packages():
        content = tomllib.loads((folder / "pyproject.toml").read_text())
        known = content.get("tool", {}).get("uv", {}).get("sources", {})
        needed = [name for name in content["project"]["dependencies"] if name in own]
        assert {name: (folder / known[name]["path"]).resolve() for name in needed} == {n: own[n] for n in needed}
        assert "Private :: Do Not Upload" in content["project"]["classifiers"]
