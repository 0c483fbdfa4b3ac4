"""The units of systemd: it accepts them, finds little exposed, and their commands tell it that they work."""

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.discovery import modules_of
from devkit import ROOT
from devkit.servers.private import Servers, private_environ, private_settings
from devkit.servers.selection import needed_names
from devkit.stack import processes

FOLDER = ROOT / "deploy" / "systemd"
# Services that run all the time, and those that a timer starts.
TIMERS = sorted(FOLDER.glob("*.timer"))
TIMED = [path.with_suffix(".service") for path in TIMERS]
SERVICES = sorted(set(FOLDER.glob("*.service")) - set(TIMED))
# Of them those that are processes of the product and tell systemd that they work; others may do without.
UNITS = [path for path in SERVICES if "WatchdogSec" in path.read_text(encoding="utf-8")]
# In tenths: systemd calls up to 2.0 "OK" and a service without any protection 9.6 "UNSAFE".
EXPOSURE = 20
INSTALLED = "/opt/app"


def analyze(*arguments: str) -> str:
    """Return what systemd-analyze says; skips the test where there is none, but never in CI."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze was not found: apt install systemd")
        pytest.skip("systemd-analyze was not found")
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def installed(source: Path, folder: Path) -> Path:
    """Write a unit into a folder as it is installed, but for this repository and this Python; return its path."""
    text = source.read_text().replace(f"{INSTALLED}/.venv/bin/python", sys.executable).replace(INSTALLED, str(ROOT))
    path = folder / f"product-{source.name}"
    path.write_text(text)
    return path


def command(unit: Path) -> list[str]:
    """Return the command of a unit, as systemd splits it."""
    lines = unit.read_text().replace("\\\n", " ").splitlines()
    [line] = [line for line in lines if line.startswith("ExecStart=")]
    return shlex.split(line.partition("=")[2].replace("%%", "%"))


@pytest.fixture(params=UNITS, ids=lambda path: path.stem)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit of a service that runs all the time."""
    return installed(request.param, tmp_path)


def test_there_is_a_unit_for_each_process_of_the_product() -> None:
    found = [module.__name__.rpartition(".")[2] for module in modules_of(processes)]
    assert [path.stem for path in UNITS] == found


def test_each_unit_of_the_product_has_accounts_and_a_user_of_its_service() -> None:
    for path in (path for path in [*SERVICES, *TIMED] if "/.venv/bin/python" in path.read_text(encoding="utf-8")):
        lines = path.read_text(encoding="utf-8").splitlines()
        [accounts] = [line.removeprefix("EnvironmentFile=") for line in lines if line.startswith("EnvironmentFile=")]
        [user] = [line.removeprefix("User=") for line in lines if line.startswith("User=")]
        service = Path(accounts).stem
        assert accounts == f"/etc/app/{service}.env"
        assert user == f"app-{service}"
        assert (service == "operators") == (path not in UNITS)
        assert (service == "api") == (path.stem == "api")


@pytest.mark.parametrize("source", [*SERVICES, *TIMED, *TIMERS], ids=lambda path: path.name)
def test_systemd_accepts_the_unit_without_a_word(source: Path, tmp_path: Path) -> None:
    units = {other: installed(other, tmp_path) for other in (source, source.with_suffix(".service"))}
    assert analyze("verify", "--man=no", str(units[source])) == ""


@pytest.mark.parametrize("source", [*SERVICES, *TIMED], ids=lambda path: path.stem)
def test_little_of_the_machine_is_exposed_to_the_service(source: Path, tmp_path: Path) -> None:
    unit = installed(source, tmp_path)
    analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", str(unit))


@pytest.mark.parametrize("timer", TIMERS, ids=lambda path: path.stem)
def test_a_timer_says_when_in_words_that_systemd_understands(timer: Path) -> None:
    [when] = [line for line in timer.read_text().splitlines() if line.startswith("OnCalendar=")]
    assert "Next elapse" in analyze("calendar", when.partition("=")[2])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Servers, dict[str, str]]]:
    own = private_settings(MONGO_DATABASE="test_systemd", MONGO_TIMEOUT="1")
    with Servers(tmp_path_factory.mktemp("systemd"), own) as servers:
        servers.up(*needed_names(own))
        yield servers, private_environ(**own)


@dataclass
class Service:
    """A unit's command, and the socket that systemd would listen on."""

    process: subprocess.Popen[bytes]
    systemd: socket.socket

    def says(self, seconds: float) -> bytes:
        """Return what it tells systemd next; nothing when it is silent for that long."""
        self.systemd.settimeout(seconds)
        try:
            return self.systemd.recv(200)
        except TimeoutError:
            return b""

    def is_silent(self) -> bool:
        """Return whether it tells nothing any more, after what was under way."""
        deadline = time.monotonic() + 20
        while self.says(4):
            assert time.monotonic() < deadline, "it goes on telling that it works"
        return True


@pytest.fixture
def service(unit: Path, settings: tuple[Servers, dict[str, str]], tmp_path: Path) -> Iterator[Service]:
    migrate = installed(FOLDER / "migrate.service", tmp_path)
    subprocess.run(command(migrate), cwd=ROOT, env=settings[1], check=True, capture_output=True)
    name = f"product-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, (tmp_path / "log").open("wb") as log:
        systemd.bind(f"\0{name}")
        environ = settings[1] | {"NOTIFY_SOCKET": f"@{name}"}
        process = subprocess.Popen(
            command(unit),
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield Service(process, systemd)
        finally:
            os.killpg(process.pid, signal.SIGCONT)
            process.terminate()
            process.wait(30)


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_a_service_tells_systemd_that_it_works_and_nothing_when_it_hangs(service: Service) -> None:
    first = service.says(40)
    assert b"READY=1" in first
    assert b"WATCHDOG=1" in service.says(10)
    os.killpg(service.process.pid, signal.SIGSTOP)
    assert service.is_silent()
    os.killpg(service.process.pid, signal.SIGCONT)
    assert b"WATCHDOG=1" in service.says(20)


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_a_service_that_waits_for_mongodb_is_not_restarted(
    service: Service, settings: tuple[Servers, dict[str, str]]
) -> None:
    servers, _ = settings
    assert b"READY=1" in service.says(40)
    os.kill(servers.pid("mongo"), signal.SIGSTOP)
    try:
        # What was under way has been told by then.
        time.sleep(3)
        while service.says(0.01):
            pass
        assert b"WATCHDOG=1" in service.says(20)
    finally:
        os.kill(servers.pid("mongo"), signal.SIGCONT)


@pytest.mark.integration
def test_the_command_of_the_backup_makes_one(settings: tuple[Servers, dict[str, str]], tmp_path: Path) -> None:
    unit = installed(FOLDER / "backup.service", tmp_path)
    made = subprocess.run(command(unit), cwd=tmp_path, env=settings[1], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert len(list((tmp_path / "backups").glob("test_systemd-*.bson.gz"))) == 1
    [writable] = [line for line in unit.read_text().splitlines() if line.startswith("ReadWritePaths=")]
    assert writable == f"ReadWritePaths={ROOT}/backups"
