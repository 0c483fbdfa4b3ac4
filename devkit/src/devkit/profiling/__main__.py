"""`python -m devkit.profiling --live 20s`: flame graphs of the running services under a small load."""

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT, duration
from devkit.install import ensure_apart
from devkit.options import Parser
from devkit.profiling import flamegraph
from devkit.profiling.pyspy import Recording
from devkit.signals import StopRequest
from devkit.stack import record
from devkit.stress import locust
from devkit.stress.options import parse as stress_options
from devkit.stress.own_stack import OwnStack
from devkit.terminal import run_command, say, table

SERVICES = ("api", "worker")
_TOP = 5
_POLL = 0.05


@dataclass(frozen=True)
class Target:
    """A running stack: its address, its parts' pids, whether users may be simulated, and what raises when it ends."""

    url: str
    pids: Mapping[str, int]
    busy: bool
    check: Callable[[], None] = lambda: None


def main(arguments: Sequence[str] | None = None) -> int:
    """Record, and tell where the pictures are and what they show."""
    parser = Parser(prog="invoke profile", description="Profile the running services.")
    parser.add_argument("--live", type=duration.seconds, required=True, help="how long, such as 20s or 1m")
    parser.add_argument("--service", choices=SERVICES, help="this one only")
    parser.add_argument("--data", type=Path, default=ROOT / ".data", help="the data folder of the running stack")
    parser.add_argument("--reports", type=Path, default=ROOT / "reports", help="the folder of the results")
    options = parser.parse_args(arguments)
    services = [options.service] if options.service else list(SERVICES)
    options.reports.mkdir(parents=True, exist_ok=True)
    stop = StopRequest()
    with _target(options.data, stop) as target:
        pictures = _record(target, services, options.live, options.reports, stop)
    for service, picture in pictures.items():
        _report(service, picture, options.live)
    return 0


@contextlib.contextmanager
def _target(data: Path, stop: StopRequest) -> Iterator[Target]:
    running = record.present(data)
    if running and "api" in running.get("parts", {}):
        pids = {name: each["pid"] for name, each in running["parts"].items()}
        # Simulated users make real reports, and nobody wants them among the real ones.
        busy = running.get("mode") == "production"
        say(f"profiling the stack that runs at {running['url']}{', as busy as its users make it' if busy else ''} ...")
        yield Target(running["url"], pids, busy)
        return
    with OwnStack(stop) as stack:
        yield Target(stack.url, stack.pids, busy=False, check=stack.check)


def _record(target: Target, services: Sequence[str], seconds: int, reports: Path, stop: StopRequest) -> dict[str, Path]:
    """Return the pictures, by service."""
    pictures = {service: reports / f"profile-{service}.svg" for service in services}
    for old in (path for picture in pictures.values() for path in (picture, picture.with_suffix(".json"))):
        old.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        load = contextlib.nullcontext(lambda: None) if target.busy else _load(target.url, seconds, stop)
        check = stack.enter_context(load)
        say(f"recording {' and '.join(services)} for {seconds} s ...")
        recordings = []
        for service, picture in pictures.items():
            recordings.append(Recording(target.pids[service], seconds, picture))
            stack.callback(recordings[-1].stop)
        while not all(each.ended() for each in recordings):
            stop.check()
            target.check()
            check()
            time.sleep(_POLL)
    return pictures


@contextlib.contextmanager
def _load(url: str, seconds: int, stop: StopRequest) -> Iterator[Callable[[], None]]:
    """Yield while a few users are at work; what is yielded raises when they have given up."""
    python = ensure_apart("stress")
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        arguments = ["--users", "10", "--spawn-rate", "10", "--reports", folder]
        options = stress_options([*arguments, "--run-time", f"{seconds + 60}s"])
        with locust.background(python, options, url, stop) as check:
            yield check


def _report(service: str, picture: Path, seconds: int) -> None:
    """Print the functions that ran most, and write them beside the picture for programs."""
    frames = flamegraph.read(picture)
    samples = flamegraph.samples(frames)
    top = flamegraph.self_times(frames).most_common(_TOP)
    shares = [(name, count / samples) for name, count in top]
    found = {"of": service, "seconds": seconds, "samples": samples, "top": shares}
    picture.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    rows = [(f"{share:.1%}", name) for name, share in shares]
    print(f"\n{service}: {picture}, {samples} samples in {seconds} s")
    print(table(("itself", "function"), rows))


if __name__ == "__main__":
    sys.exit(run_command(main))
