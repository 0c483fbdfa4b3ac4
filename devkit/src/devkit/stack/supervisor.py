"""Starts parts, waits until each works, restarts them on changes or when they die, and stops them in order."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devkit import ROOT, ports, process
from devkit.process import Process
from devkit.signals import StopRequest
from devkit.stack.changes import Changes
from devkit.stack.output import Output
from devkit.stack.parts import Part, part_environ
from devkit.stack.pause import Pause
from devkit.terminal import CommandError, say

_POLL = 0.05


@dataclass
class Running:
    """A part and the process that runs it at the moment."""

    part: Part
    log: Path
    process: Process
    began: float
    ready: bool = False
    # When it is asked next whether it works.
    ask: float = 0
    # When it was asked to stop because of a change; it is started again once it has ended.
    stopping: float | None = None
    # It ended right after a change; the next change starts it again.
    broken: bool = False
    pause: Pause = field(default_factory=Pause)
    # The time of its last heartbeat, as the file tells it, and when that was seen, on a clock that is never set.
    beat: int = 0
    beat_seen: float = 0


class Supervisor:
    """The processes of some parts. Everything happens in one thread, so nothing is started or stopped twice."""

    def __init__(self, parts: Sequence[Part], logs: Path, stop: StopRequest, output: Output) -> None:
        self._parts = parts
        self._logs = logs
        self._stop = stop
        self._output = output
        self._changes: Changes | None = None
        self._keep = False
        self.running: dict[str, Running] = {}

    @property
    def processes(self) -> dict[str, Process]:
        """The present process of each part."""
        return {name: each.process for name, each in self.running.items()}

    def check_ports(self) -> None:
        """Refuse to start while somebody else has a part's port."""
        for part in self._parts:
            if part.port and not ports.is_free(part.port, part.host):
                raise CommandError(
                    f"{part.name}: port {part.port} is taken by {ports.owner(part.port)}. Stop that, or set another "
                    f"{part.port_key} in .env.local."
                )

    def start(self) -> None:
        """Start all parts."""
        self._logs.mkdir(parents=True, exist_ok=True)
        say(f"starting {', '.join(part.name for part in self._parts)} ...")
        for part in self._parts:
            log = self._logs / f"{part.name}.log"
            if log.exists():
                log.replace(log.with_suffix(".log.old"))
            self.running[part.name] = Running(part, log, self._spawn(part, log), time.monotonic())

    def wait_ready(self) -> None:
        """Wait until each part works; raise when one dies or takes too long."""
        while waiting := [each for each in self.running.values() if not each.ready]:
            self._stop.check()
            for each in waiting:
                self._check(each)
            time.sleep(_POLL)

    def watch(self) -> None:
        """From now on, restart parts whose code changes."""
        self._changes = Changes(folder for part in self._parts for folder in part.watched)

    def keep(self) -> None:
        """From now on, restart parts that die, or that show no sign of life any more."""
        self._keep = True

    def tick(self) -> bool:
        """Do what is due: notice the dead, restart what must be. Returns whether a process was replaced."""
        before = self.processes
        for path in self._changes.since_last() if self._changes else ():
            self._restart_affected(path)
        for each in self.running.values():
            self._tend(each)
        return self.processes != before

    def stop(self, after_each: Callable[[], None]) -> None:
        """Stop the parts one after the other; a second request to stop kills what is left."""
        for name, each in self.running.items():
            if not each.process.alive():
                continue
            say(f"stopping {name} ...")
            if not process.stop(each.process, timeout=each.part.stop_timeout, group=True, hurry=self._stop.hurried):
                say(f"{name} was killed: it had not stopped yet")
            after_each()

    def _spawn(self, part: Part, log: Path) -> Process:
        if part.heartbeat:
            part.heartbeat.unlink(missing_ok=True)
        if part.metrics:
            shutil.rmtree(part.metrics, ignore_errors=True)
        return process.spawn(part.command, log=log, cwd=ROOT, environ={**os.environ, **part_environ(part)})

    def _check(self, each: Running) -> None:
        """Find out whether a starting part works by now."""
        if not each.process.alive():
            if not each.part.once or process.exit_code(each.process) != 0:
                raise self._death(each)
            each.ready = True
        elif not each.part.once:
            pending = each.part.pending()
            each.ready = not pending
            if pending and time.monotonic() - each.began > each.part.ready_timeout:
                raise CommandError(
                    f"{each.part.name} did not work within {each.part.ready_timeout:.0f} s: {pending}. "
                    f"The end of {each.log}:\n{process.tail(each.log)}"
                )

    def _death(self, each: Running) -> CommandError:
        process.kill_group(each.process)
        how = process.how_it_ended(each.process)
        return CommandError(f"{each.part.name} died {how}. The end of {each.log}:\n{process.tail(each.log)}")

    def _restart_affected(self, path: Path) -> None:
        for each in self.running.values():
            if each.stopping is None and any(folder in path.parents for folder in each.part.watched):
                self._output.event(f"{os.path.relpath(path, ROOT)} changed: restarting {each.part.name}")
                each.stopping = time.monotonic()
                each.process.send(signal.SIGTERM)

    def _tend(self, each: Running) -> None:
        if each.part.once or (each.broken and each.stopping is None):
            return
        if each.stopping is not None:
            self._finish_restart(each, each.stopping)
        elif each.process.alive():
            self._notice_ready(each)
            self._end_silent(each)
        elif self._keep:
            self._revive(each)
        elif each.ready:
            raise self._death(each)
        else:
            each.broken = True
            self._output.event(f"{each.part.name} does not start (its log tells why); the next change starts it again")

    def _finish_restart(self, each: Running, since: float) -> None:
        if each.process.alive():
            if time.monotonic() - since > each.part.stop_timeout:
                process.kill_group(each.process)
            return
        process.kill_group(each.process)
        self._start_again(each)

    def _start_again(self, each: Running) -> None:
        each.process, each.began = self._spawn(each.part, each.log), time.monotonic()
        each.ready, each.stopping, each.broken, each.beat_seen = False, None, False, each.began

    def _notice_ready(self, each: Running) -> None:
        now = time.monotonic()
        if each.ready or now < each.ask:
            return
        # Ever more seldom, for a part that waits for a server that is away may log each question.
        each.ask = now + min((now - each.began) / 10, 1)
        if not each.part.pending():
            each.ready = True
            self._output.event(f"{each.part.name} works again after {time.monotonic() - each.began:.1f} s")

    def _revive(self, each: Running) -> None:
        """Start a part that died, after a pause that grows when it keeps dying."""
        if not each.pause.under_way:
            # What it has forked must not go on beside its successor.
            process.kill_group(each.process)
            how, seconds = process.how_it_ended(each.process), each.pause.died()
            self._output.event(f"{each.part.name} died {how}; it is started again in {seconds:.0f} s", "ERROR")
        elif each.pause.over():
            each.pause.started()
            self._start_again(each)

    def _end_silent(self, each: Running) -> None:
        """Kill a part whose heartbeat has stopped: it lives and does nothing, and would not hear SIGTERM either."""
        if not self._keep or each.part.heartbeat is None:
            return
        # A part that waits for a server says so in the second file; to start it anew would not bring the server back.
        files = (each.part.heartbeat, each.part.heartbeat.with_name(f"{each.part.heartbeat.name}.waiting"))
        beat = max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)
        if beat != each.beat or not each.beat_seen:
            each.beat, each.beat_seen = beat, time.monotonic()
        elif time.monotonic() - each.beat_seen > each.part.silence:
            self._output.event(f"{each.part.name} shows no sign of life for {each.part.silence:.0f} s", "ERROR")
            process.kill_group(each.process)
            process.wait_until(lambda: not each.process.alive(), timeout=5)
