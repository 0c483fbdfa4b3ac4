"""One run of simulated users against the product, or against a host that is named."""

import contextlib
from collections.abc import Callable, Iterator

from devkit import ports
from devkit.apart import ensure_apart
from devkit.outcome import noted
from devkit.signals import StopRequest
from devkit.stack.temporary import temporary_stack
from devkit.stress import locust
from devkit.stress.options import Options
from devkit.stress.target import check_reachable
from devkit.terminal import CommandError, say, table


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
        with _target(options, stop) as (url, check):
            say(_announcement(options, url))
            code = locust.run(python, options, url, stop, check)
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
def _target(options: Options, stop: StopRequest) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the address to run against, and a function that raises when the stack there has ended."""
    if options.host:
        yield options.host, lambda: None
        return
    with temporary_stack(stop) as stack:
        yield stack.url, stack.check


def _announcement(options: Options, url: str) -> str:
    if options.web:
        return f"against {url}; start it at http://127.0.0.1:{options.web_port}, Ctrl-C ends it"
    return f"{options.users} x {options.user} against {url} for {options.run_time} ..."
