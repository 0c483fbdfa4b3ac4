"""`TLS=1 invoke db-up`, and `invoke certificates`: what the servers show, to whom, and what is refused."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from devkit import certificate, env
from devkit.servers import encryption, examination
from devkit.servers.certificates import shown
from devkit.servers.selection import SERVERS, needed
from devkit.servers.server import Context

from .conftest import QUICK, QUICK_PORT, ROOT, Servers

ON_EACH = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.integration] * kind.starts_in_seconds) for name, kind in SERVERS.items()],
)


def up(servers: Servers, name: str) -> int:
    """Start a server with TLS, and return its port; skips the test where this machine has none that encrypts."""
    servers.environ["TLS"] = "1"
    done = servers.run("up", "--only", name, "--json")
    if "was not found" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return int(servers.environ[SERVERS[name].port_key])


def renew(servers: Servers, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devkit", "certificates", "--renew", "--data", str(servers.data)]
    settings = {**servers.environ, **environ}
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)


@contextmanager
def connected(port: int, authority: Path, host: str = "127.0.0.1", **limits: ssl.TLSVersion) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=authority)
    if "most" in limits:
        # An old version needs old ciphers on this side too.
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = limits["most"], limits["most"]
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        yield encrypted


def is_open(connection: ssl.SSLSocket) -> bool:
    connection.settimeout(0.2)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True


@ON_EACH
def test_a_server_takes_encrypted_connections_only_and_shows_a_new_certificate_without_cutting_one(
    servers: Servers, name: str
) -> None:
    port, files = up(servers, name), encryption.at(servers.data)
    assert servers.rows("status", "--only", name)[name]["state"] == "up"
    for host in encryption.NAMES:
        with connected(port, files.authority, host) as connection:
            assert connection.version() == "TLSv1.3"
    with connected(port, files.authority, most=ssl.TLSVersion.TLSv1_2):
        pass
    with pytest.raises(OSError, match=r"(?i)ssl|reset"), connected(port, files.authority, most=ssl.TLSVersion.TLSv1_1):
        pass
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"PING\r\n\r\n" * 20)
        # An alert of TLS, or nothing at all.
        with suppress(ConnectionResetError):
            assert plain.recv(1) in (b"", bytes([21]))

    first, began = shown(port), time.monotonic()
    with connected(port, files.authority) as before:
        done = renew(servers)
        assert done.returncode == 0, done.stderr
        assert f"{name} shows the certificate" in done.stderr
        # By itself a server waits no longer than that for somebody to log in.
        assert is_open(before) or time.monotonic() - began > 10
    assert shown(port) not in (0, first)
    with connected(port, files.authority):
        pass
    assert servers.rows("status", "--only", name)[name]["state"] == "up"


def test_only_the_owner_reads_the_keys_that_are_made(servers: Servers) -> None:
    up(servers, "mongo")
    folder = encryption.at(servers.data).folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "authority.pem": 0o644,
        "authority-key.pem": 0o600,
        "certificate.pem": 0o600,
    }


@pytest.mark.parametrize(("before", "after"), [("1", ""), ("", "1")])
def test_another_choice_for_a_running_server_is_refused_with_the_mend(
    servers: Servers, before: str, after: str
) -> None:
    servers.environ["TLS"] = before
    servers.rows("up", "--only", "mongo")
    done = servers.run("up", "--only", "mongo", TLS=after)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "TLS" in line
    assert "invoke db-down" in line
    [mongo] = needed(Context(servers.data, env.load(ROOT, {**servers.environ, "TLS": after})), "mongo")
    assert "invoke db-down" in [found.mend for found in examination.data(mongo)]
    assert servers.rows("down", "--only", "mongo", TLS=after)["mongo"]["state"] == "stopped"
    assert servers.rows("up", "--only", "mongo", TLS=after)["mongo"]["state"] == "started"


def test_a_value_that_means_nothing_is_one_clear_line(servers: Servers) -> None:
    done = servers.run("up", "--only", QUICK, TLS="yes")
    assert done.returncode == 1
    assert "TLS=yes" in done.stderr
    assert "Traceback" not in done.stderr


def test_certificates_are_renewed_where_nothing_runs_and_tell_until_when_they_are_good(servers: Servers) -> None:
    first = renew(servers)
    assert first.returncode == 0, first.stderr
    path = encryption.at(servers.data).certificate
    assert str(path) in first.stdout
    before, authority = path.read_text(), path.with_name("authority.pem").read_text()
    assert renew(servers).returncode == 0
    assert path.read_text() != before
    assert path.with_name("authority.pem").read_text() == authority


def test_a_server_in_plain_text_is_left_alone(servers: Servers) -> None:
    servers.rows("up", "--only", QUICK)
    assert renew(servers).returncode == 0
    assert shown(int(servers.environ[QUICK_PORT])) == 0
    assert servers.rows("status", "--only", QUICK)[QUICK]["state"] == "up"


@pytest.mark.integration
def test_a_server_that_does_not_take_it_is_told_with_the_mend(servers: Servers) -> None:
    up(servers, "mongo")
    [pid] = servers.processes("mongo")
    os.kill(pid, signal.SIGSTOP)
    try:
        done = renew(servers)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert done.returncode == 1
    assert "mongo still shows another certificate" in done.stderr
    assert "`invoke db-down --only mongo`, then `invoke db-up`" in done.stderr
    assert "Traceback" not in done.stderr


def test_clients_are_told_of_the_authority_unless_they_trust_another(tmp_path: Path) -> None:
    own = str(encryption.at(tmp_path).authority)
    assert encryption.trusted(tmp_path, {"TLS": ""}) == {}
    assert encryption.trusted(tmp_path, {"TLS": "1"})["MONGO_TLS_CA_FILE"] == own
    assert "MONGO_TLS_CA_FILE" not in encryption.trusted(tmp_path, {"TLS": "1", "MONGO_TLS_CA_FILE": "/other.pem"})
    assert "MONGO_TLS_CA_FILE" not in encryption.trusted(tmp_path, {"TLS": "1", "MONGO_URL": "mongodb://h/?tls=true"})


def test_a_certificate_is_renewed_before_its_time_by_the_same_authority(tmp_path: Path) -> None:
    path = certificate.provide(tmp_path / "made", encryption.NAMES)
    before, authority = path.read_text(), path.with_name("authority.pem").read_text()
    certificate.provide(tmp_path / "made", encryption.NAMES, renew=True)
    assert path.read_text() != before
    assert path.with_name("authority.pem").read_text() == authority
