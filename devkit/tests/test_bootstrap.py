"""What the bootstrap does before every command, and when nothing; uv is a stand-in that notes how it was called."""

import json
import os
import pty
import re
import shlex
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from common import settings_files
from devkit import local_secrets

from .conftest import private_environ, run_in

APART = (
    "from devkit.apart import ensure_apart; from devkit.terminal import run_command; import sys; "
    "sys.exit(run_command(lambda: ensure_apart('extra') and None))"
)
# Whether it then continues inside `.venv` is tested by `invoke` itself, in test_entry.py.
ENSURE = """
import sys
from devkit import bootstrap, environment
environment.clean()
try:
    bootstrap.ensure()
except bootstrap.BootstrapError as error:
    sys.exit(f"error: {error}")
"""


@dataclass
class Project:
    """A copy of the repository whose uv is the stand-in."""

    root: Path
    bin: Path

    def environ(self, **changes: str) -> dict[str, str]:
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        return private_environ(self.root, PATH=path, FAKE_UV_CALLS=str(self.bin / "calls"), **changes)

    def ensure(self, code: str = ENSURE, **environ: str) -> subprocess.CompletedProcess[str]:
        return run_in(self.root, "-c", code, **self.environ(**environ))

    def calls(self) -> list[str]:
        """The steps that uv was asked for since this was asked last."""
        calls = self.bin / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return [" ".join(json.loads(line)["arguments"][:2]).partition(" -")[0] for line in lines]


@pytest.fixture
def project(clone: Path, tmp_path: Path) -> Project:
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "uv"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {Path(__file__).with_name("fake_uv.py")} "$@"\n')
    script.chmod(0o755)
    return Project(clone, folder)


def test_the_first_run_makes_everything_and_the_second_nothing(project: Project) -> None:
    done = project.ensure()
    assert done.returncode == 0, done.stderr
    assert project.calls() == ["venv", "pip sync"]
    assert project.ensure().returncode == 0
    assert project.calls() == []


@pytest.mark.parametrize("changed", ["requirements/dev.txt", "libs/another/pyproject.toml"])
def test_a_change_of_what_it_was_made_from_installs_again(project: Project, changed: str) -> None:
    project.ensure()
    project.calls()
    (project.root / changed).parent.mkdir(exist_ok=True)
    with (project.root / changed).open("a") as stream:
        stream.write("# changed\n")
    project.ensure()
    assert project.calls() == ["pip sync"]


@pytest.mark.parametrize("changed", [".env", "libs/common/pyproject.toml"])
def test_a_change_of_anything_else_installs_nothing(project: Project, changed: str) -> None:
    project.ensure()
    project.calls()
    with (project.root / changed).open("a") as stream:
        stream.write("# changed\n")
    project.ensure()
    assert project.calls() == []


def test_our_packages_are_found_where_they_stand(project: Project) -> None:
    project.ensure()
    (file,) = project.root.glob(".venv/lib/python*/site-packages/*.pth")
    named = {(file.parent / line).resolve() for line in file.read_text().splitlines()}
    projects = [*project.root.glob("*/*/pyproject.toml"), project.root / "devkit/pyproject.toml"]
    assert named == {path.parent.resolve() / "src" for path in projects}


def test_an_installation_that_broke_off_is_repaired_by_the_next(project: Project) -> None:
    broken = project.ensure(FAKE_UV_FAILS="pip sync")
    assert broken.returncode == 1
    assert "repeat the command" in broken.stderr
    assert "Traceback" not in broken.stderr
    project.calls()
    assert project.ensure().returncode == 0
    assert project.calls() == ["pip sync"]


def test_by_force_every_package_is_installed_anew(project: Project) -> None:
    project.ensure()
    project.calls()
    forced = project.ensure("from devkit.commands.setup import install; install.body(None, force=True)")
    assert forced.returncode == 0, forced.stderr
    assert '"--reinstall"' in (project.bin / "calls").read_text()
    assert project.calls() == ["pip sync"]


def test_the_environment_that_makes_a_product_lists_no_packages_on_a_terminal(project: Project) -> None:
    own, terminal = pty.openpty()
    with os.fdopen(own, "rb"), os.fdopen(terminal, "wb") as stream:
        subprocess.run(
            [sys.executable, "-m", "devkit.project.begin"],
            cwd=project.root,
            env=project.environ(FAKE_UV_FAILS="pip sync"),
            stderr=stream,
            check=False,
        )
    calls = [json.loads(line)["arguments"] for line in (project.bin / "calls").read_text().splitlines()]
    assert [call.count("--quiet") for call in calls if call[:2] == ["pip", "sync"]] == [1]


def test_an_environment_apart_is_made_once_repaired_and_follows_its_own_lock_only(project: Project) -> None:
    (project.root / "requirements" / "extra.txt").touch()
    assert project.ensure(APART, FAKE_UV_FAILS="pip sync").returncode == 1
    assert project.calls() == ["venv", "pip sync"]
    assert project.ensure(APART).returncode == 0
    assert project.calls() == ["pip sync"]
    for lock, calls in (("dev", []), ("extra", ["pip sync"])):
        with (project.root / "requirements" / f"{lock}.txt").open("a") as stream:
            stream.write("# changed\n")
        assert project.ensure(APART).returncode == 0
        assert project.calls() == calls
    assert not (project.root / ".venv").exists()


def test_an_environment_whose_python_has_gone_is_made_anew(project: Project) -> None:
    project.ensure()
    project.calls()
    python = project.root / ".venv" / "bin" / "python"
    python.unlink()
    project.ensure()
    assert python.exists()
    assert project.calls() == ["venv", "pip sync"]


def test_the_index_is_passed_to_uv_and_named_without_its_credentials(project: Project) -> None:
    done = project.ensure(PYPI_INDEX_URL="https://me:token-of-mine@mirror.example:8443/simple")
    assert "from https://mirror.example:8443/simple " in done.stderr
    assert "token-of-mine" not in done.stderr
    first = json.loads((project.bin / "calls").read_text().splitlines()[0])
    assert first["index"] == "https://me:token-of-mine@mirror.example:8443/simple"


def run_bare(project: Project, code: str) -> subprocess.CompletedProcess[str]:
    """Run code by a Python that has no uv, neither beside itself nor on PATH."""
    bare = project.bin / "bare" / "python"
    bare.parent.mkdir()
    bare.symlink_to(os.path.realpath(sys.executable))
    inherited = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "HOME", "SSL_"))}
    return subprocess.run(
        [bare, "-c", code],
        cwd=project.root,
        env={**inherited, "PATH": "", "PYTHONPATH": str(project.root / "devkit/src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.integration
def test_without_uv_the_one_that_the_lock_names_is_brought_by_pip(project: Project) -> None:
    bring = "from devkit import bootstrap; bootstrap.make_venv(bootstrap.VENV); print(bootstrap._bring_uv())"
    done = run_bare(project, bring)
    assert done.returncode == 0, done.stderr
    brought = project.root / ".venv" / "bin" / "uv"
    assert done.stdout.splitlines()[-1] == str(brought)
    (locked,) = re.findall(r"(?m)^uv==(\S+)", (project.root / "requirements" / "dev.txt").read_text())
    asked = subprocess.run([brought, "--version"], capture_output=True, text=True, check=True)
    assert asked.stdout.split()[1] == locked


def test_without_uv_and_what_makes_environments_it_says_in_one_line_what_to_install(project: Project) -> None:
    done = run_bare(project, f"import sys; sys.modules['ensurepip'] = None\n{ENSURE}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: there is neither uv nor a Python that can make environments")
    assert "`apt install python3-venv`" in done.stderr
    assert not (project.root / ".venv").exists()


@pytest.mark.parametrize("with_uv", [True, False], ids=["with uv", "without uv"])
def test_a_python_that_is_too_old_is_told_in_one_line(project: Project, *, with_uv: bool) -> None:
    old = f"import sys; sys.version_info = (3, 9, 1)\n{ENSURE}"
    done = project.ensure(old, FAKE_UV_FAILS="python find") if with_uv else run_bare(project, old)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: This project needs Python 3.11 or newer, and this one is")


def test_a_newer_python_of_the_machine_is_taken_instead_of_one_that_is_too_old(project: Project) -> None:
    done = project.ensure(f"import sys; sys.version_info = (3, 9, 1)\n{ENSURE}", FAKE_UV_FINDS=sys.executable)
    assert done.returncode == 0, done.stderr
    assert f"making .venv with {sys.executable}" in done.stderr
    assert project.calls() == ["python find", "venv", "pip sync"]


def test_fresh_secrets_are_written_for_their_owner_only(project: Project) -> None:
    done = project.ensure()
    path = project.root / ".env.local"
    values = settings_files.read(path)
    assert set(values) == set(local_secrets.names())
    assert len(set(values.values())) == len(local_secrets.names())
    assert all(len(value) >= 32 for value in values.values())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(value in done.stdout + done.stderr for value in values.values())


def test_only_missing_secrets_are_added_and_all_else_is_kept(project: Project) -> None:
    path = project.root / ".env.local"
    path.write_text("# mine\nAPI_PORT=8123\nSECRET_KEY=already-here\nMONGO_PASSWORD=")
    project.ensure()
    values = settings_files.read(path)
    assert path.read_text().startswith("# mine\nAPI_PORT=8123\nSECRET_KEY=already-here\n")
    assert values["SECRET_KEY"] == "already-here"
    assert all(values[key] for key in local_secrets.names())


def test_a_secret_that_stands_in_a_file_is_not_missing_and_its_setting_is_known(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    path.write_text("SECRET_KEY_FILE=/run/secrets/key\nMONGO_URL_FILE=/run/secrets/url\nAPI_PORT_FILE=x\n")
    assert "SECRET_KEY" not in local_secrets.missing(path)
    assert "MONGO_PASSWORD" in local_secrets.missing(path)
    assert local_secrets.unknown(path) == ["API_PORT_FILE"]
