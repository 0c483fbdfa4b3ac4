"""Starts processes, waits until each works, restarts them when their code changes, and stops them in order."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT, ports, process
from devkit.process import Process
from devkit.signals import StopRequest
from devkit.stack.changes import Changes
from devkit.stack.output import Output
from devkit.stack.specs import ProcessSpec, environ_of
from devkit.terminal import CommandError, say

_POLL = 0.05


@dataclass
class Running:
    """A process spec and the process that runs it at the moment."""

    spec: ProcessSpec
    log: Path
    process: Process
    began: float
    ready: bool = False
    # When it is checked next whether it works.
    next_check: float = 0
    # When it was asked to stop because of a change; it is started again once it has ended.
    stopping: float | None = None
    # It ended right after a change; the next change starts it again.
    broken: bool = False
    restarted: bool = False
    # The time of its last heartbeat, as the file tells it, and when that was seen, on a clock that is never set.
    beat: int = 0
    beat_seen: float = 0


class Supervisor:
    """The processes of some specs. Everything happens in one thread, so nothing is started or stopped twice."""

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        logs: Path,
        stop: StopRequest,
        output: Output,
        environ: Mapping[str, str] | None = None,
        companions: Sequence[ProcessSpec] = (),
        before_restart: Callable[[], None] = lambda: None,
    ) -> None:
        self._specs = specs
        # Started when the others work; nothing waits for them.
        self._companions = companions
        self._logs = logs
        self._stop = stop
        self._output = output
        self._environ = environ or {}
        self._before_restart = before_restart
        self._changes: Changes | None = None
        self.running: dict[str, Running] = {}

    @property
    def processes(self) -> dict[str, Process]:
        """The present process of each spec."""
        return {name: running.process for name, running in self.running.items()}

    def check_ports(self) -> None:
        """Refuse to start while another process has a port that is needed; leave out a companion for that."""
        for spec in self._specs:
            if spec.port:
                ports.refuse_taken(spec.name, spec.port, spec.port_key, spec.host)
        takers = ((spec, ports.taken(spec.port, spec.port_key, spec.host)) for spec in self._companions)
        refused = {spec.name: taken for spec, taken in takers if taken}
        for name, taken in refused.items():
            self._output.event(f"{name} is not started: {taken}", "WARNING")
        self._companions = [spec for spec in self._companions if spec.name not in refused]

    def start(self) -> None:
        """Start all processes."""
        self._logs.mkdir(parents=True, exist_ok=True)
        say(f"starting {', '.join(spec.name for spec in self._specs)} ...")
        self.running = {spec.name: self._started(spec) for spec in self._specs}

    def start_companions(self) -> None:
        """Start the companions, which are stopped first; that one works is told when it does."""
        self.running = {spec.name: self._started(spec) for spec in self._companions} | self.running

    def wait_ready(self) -> None:
        """Wait until each process works; raise when one dies or takes too long.

        None can be told to be late while a process that runs once, such as a long migration, is still under way.
        """
        while waiting := [running for running in self.running.values() if not running.ready]:
            self._stop.check()
            if any(running.spec.once for running in waiting):
                for running in waiting:
                    running.began = time.monotonic()
            for running in waiting:
                self._check_start(running)
            time.sleep(_POLL)

    def watch(self) -> None:
        """From now on, restart processes whose code changes."""
        folders = [folder for spec in (*self._specs, *self._companions) for folder in spec.watched]
        self._changes = Changes(folders) if folders else None

    def reload(self) -> bool:
        """Restart the processes whose code has changed; return whether one was replaced."""
        before = self.processes
        for path in self._changes.since_last() if self._changes else ():
            self._stop_affected(path)
        for running in self.running.values():
            self._continue_restart(running)
        return self.processes != before

    def check(self) -> None:
        """Raise when a process has died; without a companion everything goes on."""
        for running in self.running.values():
            settled = running.ready and running.stopping is None and not running.spec.once
            if settled and not running.process.alive():
                if running.spec not in self._companions:
                    raise self._death(running)
                self._give_up(running, f"died {process.how_it_ended(running.process)}")

    def check_heartbeats(self) -> None:
        """Raise when a process hangs, after killing it: it lives and does nothing, and would not obey SIGTERM."""
        for running in self.running.values():
            if running.spec.heartbeat is not None and self._is_silent(running, running.spec.heartbeat):
                process.kill_group(running.process)
                raise CommandError(
                    f"{running.spec.name} has shown no sign of life for {running.spec.silence:.0f} s. "
                    f"{process.end_of(running.log)}"
                )

    def stop(self, after_each: Callable[[], None]) -> None:
        """Stop the processes one after the other; a second request to stop kills what is left."""
        for name, running in self.running.items():
            if not running.process.alive():
                continue
            say(f"stopping {name} ...")
            timeout = running.spec.stop_timeout
            if not process.stop(running.process, timeout=timeout, group=True, hurry=self._stop.hurried):
                say(f"{name} was killed: it had not stopped yet")
            after_each()

    def _started(self, spec: ProcessSpec) -> Running:
        log = self._logs / f"{spec.name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.old"))
        return Running(spec, log, self._spawn(spec, log), time.monotonic())

    def _spawn(self, spec: ProcessSpec, log: Path) -> Process:
        if spec.heartbeat:
            spec.heartbeat.unlink(missing_ok=True)
        if spec.metrics:
            shutil.rmtree(spec.metrics, ignore_errors=True)
        environ = environ_of(spec, {**os.environ, **self._environ})
        return process.spawn(spec.command, log=log, cwd=ROOT, environ=environ)

    def _check_start(self, running: Running) -> None:
        """Find out whether a starting process works by now."""
        spec = running.spec
        if not running.process.alive():
            if not spec.once or process.exit_code(running.process) != 0:
                raise self._death(running)
            running.ready = True
        elif not spec.once:
            pending = spec.pending()
            running.ready = not pending
            if pending and time.monotonic() - running.began > spec.ready_timeout:
                raise CommandError(
                    f"{spec.name} did not work within {spec.ready_timeout:.0f} s: {pending}. "
                    f"{process.end_of(running.log)}"
                )

    def _death(self, running: Running) -> CommandError:
        process.kill_group(running.process)
        how = process.how_it_ended(running.process)
        return CommandError(f"{running.spec.name} died {how}. {process.end_of(running.log)}")

    def _stop_affected(self, path: Path) -> None:
        for running in self.running.values():
            if running.stopping is None and any(folder in path.parents for folder in running.spec.watched):
                self._output.event(f"{os.path.relpath(path, ROOT)} changed: restarting {running.spec.name}")
                running.stopping = time.monotonic()
                running.process.send(signal.SIGTERM)

    def _continue_restart(self, running: Running) -> None:
        if running.stopping is not None:
            if not running.process.alive():
                process.kill_group(running.process)
                self._start_again(running)
            elif time.monotonic() - running.stopping > running.spec.stop_timeout:
                process.kill_group(running.process)
        elif not running.ready and not running.broken:
            self._check_restart(running)

    def _start_again(self, running: Running) -> None:
        self._before_restart()
        running.process, running.began = self._spawn(running.spec, running.log), time.monotonic()
        running.ready, running.stopping, running.broken, running.next_check = False, None, False, 0
        running.restarted = True

    def _check_restart(self, running: Running) -> None:
        now, name = time.monotonic(), running.spec.name
        if not running.process.alive():
            self._give_up(running, "does not start")
        elif now >= running.next_check:
            # Ever more seldom, for a process that waits for a server may log each request.
            running.next_check = now + min((now - running.began) / 10, 1)
            if not running.spec.pending():
                running.ready = True
                seconds = f"{time.monotonic() - running.began:.1f} s"
                first = f"{name} works after {seconds}: {running.spec.url}/"
                self._output.event(f"{name} works again after {seconds}" if running.restarted else first)

    def _give_up(self, running: Running, what: str) -> None:
        process.kill_group(running.process)
        running.ready, running.broken = False, True
        self._output.event(f"{running.spec.name} {what} (its log tells why); the next change starts it again")

    def _is_silent(self, running: Running, heartbeat: Path) -> bool:
        # A process that waits for a server says so in the second file; to restart it would not bring the server back.
        files = (heartbeat, heartbeat.with_name(f"{heartbeat.name}.waiting"))
        beat = max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)
        if beat != running.beat or not running.beat_seen:
            running.beat, running.beat_seen = beat, time.monotonic()
        return time.monotonic() - running.beat_seen > running.spec.silence
