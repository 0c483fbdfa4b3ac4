"""systemd is told that a service works over the socket that it names, and nothing is said where it names none."""

import logging
import secrets
import socket
import sys
from pathlib import Path

import pytest

from common.supervisors.systemd import notify

ALIVE = b"READY=1\nWATCHDOG=1"


def test_systemd_hears_that_the_service_is_ready_and_does_not_hang(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        notify({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert systemd.recv(100) == ALIVE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the abstract namespace")
def test_a_socket_in_the_abstract_namespace_is_reached_too() -> None:
    name = f"product-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")
        systemd.settimeout(5)
        notify({"NOTIFY_SOCKET": f"@{name}"})
        assert systemd.recv(100) == ALIVE


def test_without_systemd_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    notify({})
    assert not caplog.records


def test_a_socket_that_is_gone_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notify({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert "could not be told" in caplog.text
