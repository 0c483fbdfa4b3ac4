"""The hosts that may be put under stress: this machine, or a host whose owner consents."""

import contextlib
import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from devkit.terminal import CommandError

_PORTS = {"http": 80, "https": 443}


def allowed_host(url: str, *, owned: bool) -> str:
    """Return an address without its last slash; raise unless it is this machine's or its owner consents."""
    parts = _split(url)
    if not owned and not is_loopback(parts.hostname or ""):
        raise CommandError(
            f"--host {url} is not this machine. A stress test of a host that is not yours is an attack; "
            "if it is yours, repeat with --i-own-this-host."
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its name alone, without a name server."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_reachable(url: str) -> None:
    """Raise CommandError unless a server listens there."""
    parts = _split(url)
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS[parts.scheme]), timeout=5).close()
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(f"--host {url} cannot be reached: {reason}. Start it, or leave --host out.") from error


def _split(url: str) -> SplitResult:
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
        if usable and not parts.query and not parts.fragment:
            return parts
    raise CommandError(f"--host {url} is no address such as http://127.0.0.1:8000.", code=2)
