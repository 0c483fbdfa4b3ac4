"""Flame graphs of the running services under a small load."""

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.apart import ensure_apart
from devkit.profiling import flamegraph
from devkit.profiling.pyspy import Recording
from devkit.signals import StopRequest
from devkit.stack import record
from devkit.stack.temporary import temporary_stack
from devkit.stress import locust
from devkit.stress.locust import Options
from devkit.terminal import progress, say, table

_TOP = 5
_POLL = 0.05


@dataclass(frozen=True)
class Target:
    """A running stack: its address, its pids, whether its own users keep it busy, and what raises when it ends."""

    url: str
    pids: Mapping[str, int]
    busy: bool
    check: Callable[[], None] = lambda: None


def profile(services: Sequence[str], seconds: int, *, data: Path, reports: Path) -> None:
    """Record services for some seconds; print where the pictures are, and what they show.

    `data` is the data folder of the stack; where none runs on it, one of its own is started.
    """
    reports.mkdir(parents=True, exist_ok=True)
    stop = StopRequest()
    with _target(data, stop) as target:
        pictures = _record(target, services, seconds, reports, stop)
    for service, picture in pictures.items():
        _report(service, picture, seconds)


@contextlib.contextmanager
def _target(data: Path, stop: StopRequest) -> Iterator[Target]:
    running = record.present(data)
    if running and "api" in running.get("processes", {}):
        pids = {name: process["pid"] for name, process in running["processes"].items()}
        # Simulated users create real reports, which must not be mixed with those of a production stack.
        busy = running.get("mode") == "production"
        say(f"profiling the stack that runs at {running['url']}{', as busy as its users make it' if busy else ''} ...")
        yield Target(running["url"], pids, busy)
        return
    with temporary_stack(stop) as stack:
        yield Target(stack.url, stack.pids, busy=False, check=stack.check)


def _record(target: Target, services: Sequence[str], seconds: int, reports: Path, stop: StopRequest) -> dict[str, Path]:
    """Return the pictures, by service."""
    pictures = {service: reports / f"profile-{service}.svg" for service in services}
    for old in (path for picture in pictures.values() for path in (picture, picture.with_suffix(".json"))):
        old.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        load = contextlib.nullcontext(lambda: None) if target.busy else _load(target.url, seconds, stop)
        check = stack.enter_context(load)
        recordings = []
        for service, picture in pictures.items():
            recordings.append(Recording(target.pids[service], seconds, picture))
            stack.callback(recordings[-1].stop)
        show = stack.enter_context(progress(f"recording {' and '.join(services)} for {seconds} s", seconds))
        began = time.monotonic()
        while not all(recording.ended() for recording in recordings):
            stop.check()
            target.check()
            check()
            show(time.monotonic() - began)
            time.sleep(_POLL)
    return pictures


@contextlib.contextmanager
def _load(url: str, seconds: int, stop: StopRequest) -> Iterator[Callable[[], None]]:
    """Run a few users meanwhile; yield a function that raises when they have ended."""
    python = ensure_apart("stress")
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        options = Options(user="MixUser", users=10, spawn_rate=10, run_time=f"{seconds + 60}s", reports=Path(folder))
        with locust.background(python, options, url, stop) as check:
            yield check


def _report(service: str, picture: Path, seconds: int) -> None:
    """Print the functions that ran most, and write them beside the picture for programs."""
    frames = flamegraph.read(picture)
    samples = flamegraph.samples(frames)
    top = flamegraph.self_times(frames).most_common(_TOP)
    shares = [(name, count / samples) for name, count in top]
    result = {"of": service, "seconds": seconds, "samples": samples, "top": shares}
    picture.with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    rows = [(f"{share:.1%}", name) for name, share in shares]
    print(f"\n{service}: {picture}, {samples} samples in {seconds} s")
    print(table(("itself", "function"), rows))
