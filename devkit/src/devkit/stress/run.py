"""One run of simulated users against the product, or against a host that is named.

That may be this machine, or a host whose owner consents.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from devkit import ports
from devkit.apart import ensure_apart
from devkit.outcome import noted
from devkit.signals import StopRequest
from devkit.stack.temporary import temporary_stack
from devkit.stress import locust
from devkit.stress.locust import Options, Target
from devkit.terminal import CommandError, say, table

_PORTS = {"http": 80, "https": 443}


def show_users() -> None:
    """Print the classes of users, and what each does."""
    users = locust.available(ensure_apart("stress"))
    print(table(("user", "what it does"), sorted(users.items())))


def run(options: Options) -> int:
    """Run the users and return the exit code: 3 when a limit was exceeded."""
    if options.host:
        check_reachable(options.host)
    if options.web and not ports.is_free(options.web_port):
        owner = ports.owner(options.web_port)
        raise CommandError(f"port {options.web_port} is used by {owner}. Stop that, or choose another --web-port.")
    python = ensure_apart("stress")
    users = locust.available(python)
    if options.user not in users:
        raise CommandError(f"--user {options.user} does not exist; choose from {', '.join(sorted(users)) or 'none'}.")
    stop = StopRequest()
    with _forgotten_if_unused(options), noted(options.reports, "stress") as outcome:
        with _target(options, stop) as target:
            say(_announcement(options, target.url))
            code = locust.run(python, options, target, stop)
        outcome.passed = code == 0
    if (page := options.reports / "stress.html").exists():
        say(f"in full: {page}")
    return code


@contextlib.contextmanager
def _forgotten_if_unused(options: Options) -> Iterator[None]:
    """Remove the outcome of a run in a browser that was ended before anything was measured: it is no failure."""
    try:
        yield
    finally:
        if options.web and not (options.reports / "stress.json").exists():
            (options.reports / "outcome-stress.json").unlink(missing_ok=True)


@contextlib.contextmanager
def _target(options: Options, stop: StopRequest) -> Iterator[Target]:
    """Yield what to run against."""
    if options.host:
        yield Target(options.host)
        return
    with temporary_stack(stop) as stack:
        yield Target(stack.url, stack.headers, stack.check)


def _announcement(options: Options, url: str) -> str:
    if options.web:
        return f"against {url}; start it at http://127.0.0.1:{options.web_port}, Ctrl-C ends it"
    return f"{options.users} x {options.user} against {url} for {options.run_time} ..."


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
