"""Whatever another project has set in the shell, what runs is what the settings say."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx2
import pytest

from common.environment import is_foreign
from devkit import ROOT, env
from devkit.environment import child_environment
from devkit.servers.private import private_environ
from devkit.stack.private import DEVELOPMENT, PrivateStack

from .variables import NEUTRALISED, NOT_REACHED, TOOLS_NEUTRALISED, TOOLS_WANTED, WANTED

SET = {name: value for name, (value, _) in WANTED.items() if value is not None}
# A variable that a module of Python asks for by its name.
READ = re.compile(
    r"""(?:os\.environ(?:\.get\(|\.setdefault\(|\.pop\(|\[)|\bgetenv(?:_int)?\(|_(?:int|float)_env\()\s*["'](\w+)["']"""
)
OPTION = re.compile(r"""envvar=["'](\w+)["']""")


@dataclass
class Running:
    """The stack, started in a shell where everything is set."""

    parts: dict[str, dict[str, Any]]
    environ: dict[str, str]
    data: Path

    @cached_property
    def seen(self) -> list[tuple[str, str]]:
        """The parts, and the names that each of their processes has in its environment."""
        found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
        mains = {int(self.parts[part]["pid"]): part for part in ("api", "worker", "beat")}
        all_pids = [*mains.items(), *((pid, mains[parent]) for pid, parent in pairs if parent in mains)]
        return [(part, _names(pid)) for pid, part in all_pids]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("environment")
    hostile = {name: value for name, (value, _) in NEUTRALISED.items()}
    environ = {**private_environ(MONGO_DATABASE="test_environment"), **SET, **hostile}
    stack = PrivateStack(folder, environ, command=DEVELOPMENT)
    with stack:
        yield Running(stack.components, environ, stack.data)
    assert stack.process.returncode == 0, stack.said


@pytest.mark.integration
def test_a_job_goes_the_way_of_the_settings(running: Running) -> None:
    with httpx2.Client(base_url=running.parts["api"]["url"], timeout=30, trust_env=False) as http:
        began = time.monotonic()
        report = http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2]}).raise_for_status().json()
        while http.get(f"/api/v1/reports/{report['id']}").json()["status"] != "done":
            assert time.monotonic() - began < 20
            time.sleep(0.02)
        assert http.get("/readyz").json()["status"] == "ready"
        # In debug mode Flask answers with what went wrong inside.
        assert http.get("/nowhere").headers["Content-Type"] == "application/problem+json"


@pytest.mark.integration
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux for the environment of a process")
@pytest.mark.parametrize("name", NEUTRALISED)
def test_the_services_do_not_see(running: Running, name: str) -> None:
    assert len(running.seen) >= 5
    for part, names in running.seen:
        assert f"\n{name}=" not in names, f"{part}: {NEUTRALISED[name][1]}"


@pytest.mark.integration
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux for the environment of a process")
@pytest.mark.parametrize("name", SET)
def test_the_services_see(running: Running, name: str) -> None:
    for part, names in running.seen:
        assert f"\n{name}=" in names, f"{part}: {WANTED[name][1]}"


@pytest.mark.integration
@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_TRACE_APP", "DJANGO_SETTINGS_MODULE"])
def test_a_command_for_operators_works(running: Running, name: str) -> None:
    value = NEUTRALISED.get(name, ("", ""))[0]
    command = [sys.executable, "-m", "admin", "jobs", "list", "--json"]
    environ = {key: text for key, text in running.environ.items() if key not in NEUTRALISED} | {name: value}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert isinstance(json.loads(done.stdout), list)


@pytest.mark.parametrize("name", TOOLS_NEUTRALISED)
def test_what_the_tools_start_does_not_see(name: str) -> None:
    assert not _inherited(name), TOOLS_NEUTRALISED[name]


@pytest.mark.parametrize("name", TOOLS_WANTED)
def test_what_the_tools_start_sees(name: str) -> None:
    assert _inherited(name), TOOLS_WANTED[name]


def test_no_setting_of_ours_is_taken_for_a_librarys() -> None:
    for name in env.read(ROOT / ".env"):
        assert not is_foreign(name)
        assert name in child_environment({name: "x"})


@pytest.mark.parametrize("lock", ["admin", "api", "worker"])
def test_every_variable_that_a_library_reads_is_known(lock: str) -> None:
    """A new version of a library may read a new variable: decide what becomes of it, in `variables.py`."""
    found: dict[str, set[str]] = {}
    for module in _modules(lock):
        text = module.read_text("utf-8", "replace")
        names = READ.findall(text) + (OPTION.findall(text) if "celery/bin" in str(module) else [])
        for name in names:
            found.setdefault(name, set()).add(str(module))
    assert len(found) > 20
    known = {*WANTED, *NOT_REACHED}
    unknown = {name: sorted(places) for name, places in found.items() if name not in known and not is_foreign(name)}
    assert unknown == {}


def _modules(lock: str) -> Iterator[Path]:
    """Yield the modules of the packages that a lock names, by what each says of itself."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text):
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:
            # For another system or another Python.
            continue
        for file in files:
            if file.suffix == ".py" and "pydantic/v1/" not in str(file) and "/contrib/testing/" not in str(file):
                yield Path(str(file.locate()))


def _names(pid: int) -> str:
    """Return the names of a process's variables, each at the beginning of a line and before `=`."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return "".join(f"\n{entry.partition('=')[0]}=" for entry in entries)


def _inherited(name: str) -> bool:
    code = f"import os; print({name!r} in os.environ)"
    environ = child_environment({**os.environ, name: ""})
    return subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True).stdout == "True\n"
