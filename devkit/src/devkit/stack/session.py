"""One run of the stack, from the first server to the last line."""

import json
import sys
import time
from collections.abc import Sequence
from enum import Enum

from devkit.servers.server import Context, Row, Server
from devkit.signals import StopRequest
from devkit.stack.attendance import Attendance
from devkit.stack.follow import Follower
from devkit.stack.output import AsJson, ForPeople, Output
from devkit.stack.parts import Part
from devkit.stack.record import Record
from devkit.stack.supervisor import Supervisor
from devkit.terminal import CommandError, silence, table

_POLL = 0.1


class Mode(Enum):
    """What happens when something dies or changes."""

    # A part or a server that dies ends all of it.
    PLAIN = "plain"
    # So it does, but a part whose code changes is restarted.
    RELOAD = "reload"
    # What dies is started again, and stdout carries JSON only.
    PRODUCTION = "production"


class Session:
    """Starts servers and parts, shows what they say, and stops what it started."""

    def __init__(
        self, context: Context, servers: Sequence[Server], parts: Sequence[Part], stop: StopRequest, mode: Mode
    ) -> None:
        self._context = context
        self._stop = stop
        self._mode = mode
        self._url = next((part.url for part in parts if part.url), "")
        self._output = self._output_for(parts)
        self._servers = Attendance(context, servers, self._output)
        self._supervisor = Supervisor(parts, context.data / "log", stop, self._output)
        self._follower = Follower(self._output)

    def run(self, *, as_json: bool) -> int:
        """Run until somebody asks to stop; return the exit code. With `as_json`, stdout is one line and no logs."""
        record = Record(self._context.data, self._url, self._mode.value)
        try:
            return self._run(record, as_json=as_json)
        except CommandError as error:
            after = "\nEverything was stopped." if self._supervisor.running else ""
            raise CommandError(f"{error}{after}") from error
        finally:
            self._supervisor.stop(after_each=self._show_last_lines)
            self._servers.down()
            record.close()

    def _run(self, record: Record, *, as_json: bool) -> int:
        left_over = record.stop_orphans()
        self._supervisor.check_ports()
        rows = self._servers.up(left_over)
        self._note(record)
        # Before the code is read, so that what is saved while the stack starts is noticed too.
        if self._mode is Mode.RELOAD:
            self._supervisor.watch()
        self._supervisor.start()
        self._note(record)
        self._supervisor.wait_ready()
        self._announce(rows, as_json=as_json)
        if self._mode is Mode.PRODUCTION:
            self._supervisor.keep()
        if not as_json:
            self._follow()
        while not self._stop.count:
            self._attend_parts(record)
            self._attend_servers(record)
            time.sleep(_POLL)
        return 0

    def _note(self, record: Record) -> None:
        record.write(self._supervisor.processes, self._servers.started)

    def _output_for(self, parts: Sequence[Part]) -> Output:
        if self._mode is Mode.PRODUCTION:
            return AsJson(self._context.settings.get("VERSION", ""))
        return ForPeople(part.name for part in parts if not part.once)

    def _announce(self, rows: dict[str, Row], *, as_json: bool) -> None:
        version = self._context.settings.get("VERSION", "")
        for name, each in self._supervisor.running.items():
            if not each.part.once:
                pid, log = each.process.pid, str(each.log)
                rows[name] = {"version": version, "url": each.part.url or None, "pid": pid, "log": log}
        if as_json:
            print(json.dumps(rows), flush=True)
            return
        # In production, stdout is for programs.
        stream = sys.stderr if self._mode is Mode.PRODUCTION else sys.stdout
        columns = ("version", "url", "pid", "log")
        cells = [(name, *(row.get(each) or "-" for each in columns)) for name, row in rows.items()]
        print(table(("part", *columns), cells, stream), file=stream)
        if self._context.settings.get("BROKER") == "redis" and "redis" in rows:
            print("Valkey is also the broker (BROKER=redis).", file=stream)
        if self._url and self._mode is not Mode.PRODUCTION:
            print(f"See it work: {self._url}/", file=stream)
        print("Ctrl-C stops everything that this command started.", file=stream, flush=True)

    def _follow(self) -> None:
        for name, each in self._supervisor.running.items():
            if not each.part.once:
                # Whoever collects the lines of production wants all of them.
                self._follower.add(name, each.log, whole=self._mode is Mode.PRODUCTION)

    def _attend_parts(self, record: Record) -> None:
        try:
            self._follower.show()
        except BrokenPipeError:
            # Ctrl-C ends whoever reads the pipe too, and may do so first.
            if not self._stop.count:
                raise
        if self._supervisor.tick():
            self._note(record)

    def _attend_servers(self, record: Record) -> None:
        if self._mode is not Mode.PRODUCTION:
            self._servers.check()
        elif self._servers.keep(meanwhile=lambda: self._attend_parts(record)):
            self._note(record)

    def _show_last_lines(self) -> None:
        # Whoever read them may be gone, and stopping goes on.
        try:
            self._follower.show()
        except OSError:
            silence()
