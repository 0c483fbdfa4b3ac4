"""TCP ports of this machine: whether one is free, and which process holds it."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator

import psutil

from devkit.terminal import CommandError

HOST = "127.0.0.1"
# An address that means all of them, and the one of this machine to reach it by.
_REACHED_BY = {"0.0.0.0": HOST, "::": "::1"}  # noqa: S104 - compared, not bound


def is_free(port: int, host: str = HOST) -> bool:
    """Return whether a server could listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return not is_open(port, host)


def is_open(port: int, host: str = HOST) -> bool:
    """Return whether a server listens on the port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def taken(port: int, key: str, host: str = HOST) -> str:
    """Return who has a port, and what to do about it; empty when it is free. `key` is the setting to change."""
    if is_free(port, host):
        return ""
    return f"port {port} is taken by {owner(port)}. Stop that, or set another {key} in .env.local."


def refuse_taken(name: str, port: int, key: str, host: str = HOST) -> None:
    """Raise CommandError when the port of a server or process is taken."""
    if problem := taken(port, key, host):
        raise CommandError(f"{name}: {problem}")


def unused() -> int:
    """Return a port on which nothing listens now."""
    return distinct(1)[0]


def distinct(count: int) -> list[int]:
    """Return ports on which nothing listens now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def local(host: str) -> str:
    """Return the address by which this machine reaches a server that listens on `host`."""
    return _REACHED_BY.get(host, host)


def http_url(host: str, port: int) -> str:
    """Return the address of an HTTP server of this machine; an IPv6 address stands in brackets (RFC 3986, 3.2.2)."""
    where = local(host)
    with contextlib.suppress(ValueError):
        where = f"[{where}]" if ipaddress.ip_address(where).version == 6 else where
    return f"http://{where}:{port}"


def owner(port: int) -> str:
    """Describe which processes listen on the port, as far as the system tells: pid and command."""
    return ", ".join(list(_owners(port))[:3]) or "a process that this user may not see"


def _owners(port: int) -> Iterator[str]:
    # Per process, for one that belongs to another user hides its own connections only; on macOS it would hide all.
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            listening = [
                connection for connection in process.net_connections("tcp") if connection.status == psutil.CONN_LISTEN
            ]
            if any(connection.laddr and connection.laddr.port == port for connection in listening):
                # An argument may be a program of several lines.
                command = " ".join(" ".join(process.cmdline()).split())
                yield f"pid {process.pid} ({command if len(command) <= 80 else f'{command[:77]}...'})"
