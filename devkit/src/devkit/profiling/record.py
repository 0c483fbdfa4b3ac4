"""Flame graphs of the running services under a small load."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from common.discovery import modules_of
from devkit.profiling import flamegraph, load
from devkit.profiling.pyspy import Recording
from devkit.signals import StopRequest
from devkit.stack import record
from devkit.stack.temporary import temporary_stack
from devkit.terminal import CommandError, progress, say, table

_TOP = 5
_POLL = 0.05
# Keeps the API at an address busy for some seconds, and yields a function that raises when it no longer does.
Load = Callable[[str, Mapping[str, str], int, StopRequest], AbstractContextManager[Callable[[], None]]]
LOADS: list[Load] = [module.load for module in modules_of(load)]


@dataclass(frozen=True)
class Target:
    """A running stack: its address, its pids, what keeps it busy beside its own users, and what raises when it ends.

    Each request brings its headers.
    """

    url: str
    pids: Mapping[str, int]
    loads: Sequence[Load]
    check: Callable[[], None] = lambda: None
    headers: Mapping[str, str] = field(default_factory=dict)


def profile(services: Sequence[str], seconds: int, *, data: Path, reports: Path, loads: Sequence[Load] = LOADS) -> None:
    """Record services for some seconds; print where the pictures are, and what they show.

    `data` is the data folder of the stack; where none runs on it, one of its own is started. Raises CommandError when
    none runs, and there is no load for one of its own.
    """
    reports.mkdir(parents=True, exist_ok=True)
    stop = StopRequest()
    with _target(data, loads, stop) as target:
        pictures = _record(target, services, seconds, reports, stop)
    for service, picture in pictures.items():
        _report(service, picture, seconds)


@contextlib.contextmanager
def _target(data: Path, loads: Sequence[Load], stop: StopRequest) -> Iterator[Target]:
    running = record.present(data)
    if running and "api" in running.get("processes", {}):
        pids = {name: process["pid"] for name, process in running["processes"].items()}
        # A load creates real documents, which must not be mixed with those of a production stack.
        loads = () if running.get("mode") == "production" else loads
        say(f"profiling the stack that runs at {running['url']}{'' if loads else ', as busy as its users make it'} ...")
        yield Target(running["url"], pids, loads)
        return
    if not loads:
        raise CommandError("no stack runs: start `invoke dev`, and repeat while you use it.")
    with temporary_stack(stop) as stack:
        yield Target(stack.url, stack.pids, loads, stack.check, stack.headers)


def _record(target: Target, services: Sequence[str], seconds: int, reports: Path, stop: StopRequest) -> dict[str, Path]:
    """Return the pictures, by service."""
    pictures = {service: reports / f"profile-{service}.svg" for service in services}
    for old in (path for picture in pictures.values() for path in (picture, picture.with_suffix(".json"))):
        old.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        checks = [stack.enter_context(each(target.url, target.headers, seconds, stop)) for each in target.loads]
        recordings = []
        for service, picture in pictures.items():
            recordings.append(Recording(target.pids[service], seconds, picture))
            stack.callback(recordings[-1].stop)
        show = stack.enter_context(progress(f"recording {' and '.join(services)} for {seconds} s", seconds))
        began = time.monotonic()
        while not all(recording.ended() for recording in recordings):
            stop.check()
            for check in (target.check, *checks):
                check()
            show(time.monotonic() - began)
            time.sleep(_POLL)
    return pictures


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
