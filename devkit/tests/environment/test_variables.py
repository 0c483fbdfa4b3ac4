"""Whatever another project has set in the shell, what runs is what the settings say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import httpx2
import pytest

from common.environment import is_foreign
from devkit import ROOT, env
from devkit.environment import child_environment

from .conftest import SET, Running
from .variables import NEUTRALISED, NOT_REACHED, OPTIONS, TOOLS_NEUTRALISED, TOOLS_WANTED, WANTED

# Every service has a lock of its own.
LOCKS = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
# A variable that a module of Python asks for by its name.
READ = re.compile(
    r"""(?:os\.environ(?:\.get\(|\.setdefault\(|\.pop\(|\[)|\bgetenv(?:_int)?\(|_(?:int|float)_env\()\s*["'](\w+)["']"""
)
OPTION = re.compile(r"""envvar=["'](\w+)["']""")


@pytest.mark.integration
def test_a_request_goes_the_way_of_the_settings(running: Running) -> None:
    with httpx2.Client(base_url=running.parts["api"]["url"], timeout=30, trust_env=False) as http:
        note = http.post("/api/v1/notes", json={"title": "Numbers", "text": "1, 2"}).raise_for_status().json()
        assert http.get(f"/api/v1/notes/{note['id']}").json() == note
        assert http.get("/readyz").json()["status"] == "ready"
        # In debug mode Flask answers with what went wrong inside.
        assert http.get("/nowhere").headers["Content-Type"] == "application/problem+json"


@pytest.mark.integration
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux for the environment of a process")
@pytest.mark.parametrize("name", NEUTRALISED)
def test_the_services_do_not_see(running: Running, name: str) -> None:
    assert {part for part, _ in running.seen} >= {"api"}
    assert len(running.seen) >= 2
    for part, names in running.seen:
        assert f"\n{name}=" not in names, f"{part}: {NEUTRALISED[name][1]}"


@pytest.mark.integration
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux for the environment of a process")
@pytest.mark.parametrize("name", SET)
def test_the_services_see(running: Running, name: str) -> None:
    for part, names in running.seen:
        assert f"\n{name}=" in names, f"{part}: {WANTED[name][1]}"


@pytest.mark.integration
@pytest.mark.parametrize("name", ["FLASK_DEBUG", "OTEL_EXPORTER_OTLP_ENDPOINT", "PYDANTIC_DISABLE_PLUGINS"])
def test_a_command_for_operators_works(running: Running, name: str) -> None:
    done = running.command("admin", "indexes", "--check", name=name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "are as declared" in done.stdout


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


@pytest.mark.parametrize("lock", LOCKS)
def test_every_variable_that_a_library_reads_is_known(lock: str) -> None:
    """A new version of a library may read a new variable: decide what becomes of it, in `variables.py`."""
    found: dict[str, set[str]] = {}
    for module in _modules(lock):
        text = module.read_text("utf-8", "replace")
        names = READ.findall(text) + (OPTION.findall(text) if any(each in str(module) for each in OPTIONS) else [])
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


def _inherited(name: str) -> bool:
    code = f"import os; print({name!r} in os.environ)"
    environ = child_environment({**os.environ, name: ""})
    return subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True).stdout == "True\n"
