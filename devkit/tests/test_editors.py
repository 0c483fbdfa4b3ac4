"""Editors: what is configured for them exists, the debugger stops in the API, and imports lead to the sources."""

import importlib.util
import re
import shutil
import site
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psutil
import pytest

from devkit import bootstrap
from devkit.stack.private import PrivateStack
from devkit.stack.specs import pending

from .conftest import ROOT, eventually, private_environ, run_in
from .dap import Debugger
from .editor import configurations, launched, line_of, read


def test_the_files_of_the_editor_can_be_read_and_name_what_exists() -> None:
    assert read("extensions.json")["recommendations"] == sorted(read("extensions.json")["recommendations"])
    interpreter = read("settings.json")["python.defaultInterpreterPath"].replace("${workspaceFolder}", str(ROOT))
    assert Path(interpreter) == bootstrap.PYTHON
    for name, configuration in configurations().items():
        if configuration["request"] == "launch":
            assert importlib.util.find_spec(configuration["module"]), name
    inputs = {each["id"] for each in read("launch.json")["inputs"]}
    text = (ROOT / ".vscode/launch.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{input:(\w+)\}", text)) == inputs


def test_an_editor_resolves_imports_by_paths_alone(tmp_path: Path) -> None:
    """Editors read `.pth` files with paths and run no code, so an import hook would leave ours unknown to them."""
    (folder,) = {Path(path) for path in site.getsitepackages() if Path(path).is_relative_to(sys.prefix)}
    lines = [line for file in folder.glob("*.pth") for line in file.read_text(encoding="utf-8").splitlines()]
    paths = {(folder / line).resolve() for line in lines if line and not line.startswith("import ")}
    assert {package / "src" for package in bootstrap.packages()} <= paths
    assert not [file.name for file in folder.glob("__editable__*")]


def test_what_is_left_to_a_debugger_must_be_known() -> None:
    done = run_in(ROOT, "-m", "devkit", "dev", "--without", "api,nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: --without=nothing is not known: choose from .*\bapi\b.*\n", done.stderr)


@pytest.fixture
def rest(tmp_path: Path) -> Iterator[PrivateStack]:
    """A stack that works without its API."""
    with PrivateStack(tmp_path, private_environ(), command=("dev", "--no-reload", "--without", "api")) as stack:
        yield stack


@pytest.mark.integration
def test_the_debugger_stops_in_the_api_while_the_others_run_by_themselves(rest: PrivateStack, tmp_path: Path) -> None:
    assert "api" not in rest.components
    # A place in the plumbing, which no feature takes along when it goes.
    where = line_of(ROOT / "libs/web/src/web/routes/health.py", "if not pings")
    configuration = launched("API", sys.executable, rest.environ)
    with Debugger(configuration, where, tmp_path / "adapter.log") as debugger, ThreadPoolExecutor(1) as requests:
        url = f"http://127.0.0.1:{rest.environ['API_PORT']}/readyz"
        eventually(lambda: not pending(url.replace("readyz", "version")), timeout=60)
        answer = requests.submit(httpx2.get, url, timeout=60, trust_env=False)
        assert debugger.variable_where_it_stops("pings['mongo'].ok") == "True"
        assert answer.result().status_code == 200
    # Nothing of it is left, its children included.
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url, trust_env=False)


@pytest.mark.integration
@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not here, by which debugpy gets into a process")
def test_the_debugger_attaches_to_the_running_api(tmp_path: Path) -> None:
    where = line_of(ROOT / "libs/web/src/web/routes/health.py", "if not pings")
    with PrivateStack(tmp_path, private_environ(), command=("dev", "--no-reload")) as stack:
        # The first process keeps those that serve alive.
        (serving,) = psutil.Process(stack.pids["api"]).children()
        configuration = launched("A running part", sys.executable, stack.environ) | {"processId": serving.pid}
        with Debugger(configuration, where, tmp_path / "adapter.log") as debugger, ThreadPoolExecutor(1) as requests:
            debugger.wait_until_it_debugs()
            answer = requests.submit(httpx2.get, f"{stack.url}/readyz", timeout=60, trust_env=False)
            assert debugger.variable_where_it_stops("pings['mongo'].ok") == "True"
            assert answer.result().status_code == 200
