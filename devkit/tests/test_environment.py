"""What a hook or another project has set does not reach the processes that the tools start."""

import os
import subprocess
import sys

import pytest

from devkit.environment import child_environment

from .conftest import ROOT

KEPT = {
    "PATH": "/bin",
    "HTTPS_PROXY": "http://proxy:3128",
    "NO_PROXY": "localhost,127.0.0.1,::1",
    "no_proxy": "localhost,127.0.0.1,::1",
    "SSL_CERT_FILE": "/etc/ca.pem",
    "UV_DEFAULT_INDEX": "https://mirror.example.org/simple",
    "UV_CACHE_DIR": "/cache",
    "COVERAGE_FILE": "/measured",
    "PYTHONUNBUFFERED": "1",
    "PYTHON_VERSION": "3.13",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_SSH_COMMAND": "ssh -i key",
    "MYPY_CACHE_DIR": "/cache/mypy",
    "RUFF_CACHE_DIR": "/cache/ruff",
    "MONGO_PORT": "1",
    "TZ": "Asia/Shanghai",
    "LC_ALL": "C",
}


def test_what_a_child_needs_stays() -> None:
    assert child_environment(KEPT) == KEPT


def test_what_points_elsewhere_is_left_out() -> None:
    foreign = """
        GIT_DIR GIT_CONFIG GIT_CONFIG_KEY_0 GIT_AUTHOR_DATE GIT_EXEC_PATH GIT_CLIFF_CONFIG PYTHONHOME PYTHONWARNINGS
        PYTHON_DOTENV_DISABLED UV_PYTHON UV_REQUIRE_HASHES UV_NO_BINARY_PACKAGE PIP_USER PIP_NO_DEPS
        MYPYPATH PYTEST_ADDOPTS PYTEST_PLUGINS HYPOTHESIS_PROFILE NOXSESSION RUFF_CONFIG
    """
    assert child_environment(KEPT | dict.fromkeys(foreign.split(), "x")) == KEPT


def test_what_the_caller_gives_wins() -> None:
    assert child_environment({"A": "1"}, A="2", GIT_DIR="mine") == {"A": "2", "GIT_DIR": "mine"}


def test_of_pythons_search_path_stays_what_is_ours() -> None:
    ours = str(ROOT / "tests" / "measure")
    assert child_environment({"PYTHONPATH": f"/other{os.pathsep}{ours}{os.pathsep}"}) == {"PYTHONPATH": ours}
    assert child_environment({"PYTHONPATH": "/other:relative:"}) == {}


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": ".corp"}, ".corp,localhost,127.0.0.1,::1"),
        ({"no_proxy": "10.0.0.1, localhost", "NO_PROXY": ".corp"}, "10.0.0.1,localhost,.corp,127.0.0.1,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_this_machine_is_asked_past_any_proxy(name: str, given: dict[str, str], expected: str) -> None:
    found = child_environment({name: "http://proxy:3128", **given})
    assert found == {name: "http://proxy:3128", "NO_PROXY": expected, "no_proxy": expected}


def test_every_variable_that_git_calls_local_is_known() -> None:
    listed = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert listed
    assert child_environment(dict.fromkeys(listed, "x")) == {}


@pytest.mark.parametrize("name", ["PYTHONOPTIMIZE", "PYTHONINSPECT"])
def test_python_runs_the_child_as_usual(name: str) -> None:
    command = [sys.executable, "-c", "import sys; print(sys.flags.optimize, sys.flags.inspect)"]
    environ = child_environment({**os.environ, name: "1"})
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert done.stdout == "0 0\n"
