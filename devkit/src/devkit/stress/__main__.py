"""`python -m devkit.stress`: run simulated users against the product, and measure what they see."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence

from devkit import ports
from devkit.install import ensure_apart
from devkit.outcome import noted
from devkit.signals import StopRequest
from devkit.stress import locust
from devkit.stress.options import Options, parse
from devkit.stress.own_stack import OwnStack
from devkit.stress.target import check_reachable
from devkit.terminal import CommandError, run_command, say, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for and return the exit code: 3 when a limit was not kept."""
    options = parse(arguments)
    if options.host:
        check_reachable(options.host)
    if options.web and not ports.is_free(options.web_port):
        owner = ports.owner(options.web_port)
        raise CommandError(f"port {options.web_port} is taken by {owner}. Stop that, or choose another --web-port.")
    python = ensure_apart("stress")
    users = locust.available(python)
    if options.list:
        print(table(("user", "what it does"), sorted(users.items())))
        return 0
    if options.user not in users:
        raise CommandError(
            f"--user {options.user}: there is no such user; there are {', '.join(sorted(users)) or 'none'}."
        )
    return _run(python, options, StopRequest())


def _run(python: str, options: Options, stop: StopRequest) -> int:
    with noted(options.reports, "stress") as outcome, _target(options, stop) as (url, check):
        say(_intention(options, url))
        code = locust.run(python, options, url, stop, check)
        outcome.passed = code == 0
    if (page := options.reports / "stress.html").exists():
        say(f"in full: {page}")
    return code


@contextlib.contextmanager
def _target(options: Options, stop: StopRequest) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the address to run against, and what raises when it has gone."""
    if options.host:
        yield options.host, lambda: None
        return
    with OwnStack(stop) as stack:
        yield stack.url, stack.check


def _intention(options: Options, url: str) -> str:
    if options.web:
        return f"against {url}; start it at http://127.0.0.1:{options.web_port}, Ctrl-C ends it"
    return f"{options.users} x {options.user} against {url} for {options.run_time} ..."


if __name__ == "__main__":
    sys.exit(run_command(main))
