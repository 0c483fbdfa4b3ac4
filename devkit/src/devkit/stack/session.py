"""One run of the stack, from the first server to the last line."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.extensions import extensions
from devkit.servers import encryption
from devkit.servers.server import Context, Row, Server
from devkit.signals import StopRequest
from devkit.stack import debugger
from devkit.stack.changes import SettingsFiles
from devkit.stack.follow import Follower
from devkit.stack.output import JsonOutput, Output, TerminalOutput
from devkit.stack.record import Record
from devkit.stack.servers import ServerSupervisor
from devkit.stack.specs import ProcessSpec
from devkit.stack.supervisor import Supervisor
from devkit.terminal import CommandError, silence, table

_POLL = 0.1


@dataclass(frozen=True)
class Options:
    """How a run behaves.

    With `reload`, a process is restarted when its code changes. In `production`, standard output carries JSON only and
    a process that hangs ends the run. With `as_json`, standard output is one line of JSON and no logs.
    """

    reload: bool = False
    production: bool = False
    as_json: bool = False

    @property
    def name(self) -> str:
        """What the record calls such a run."""
        return "production" if self.production else "reload" if self.reload else "plain"


class Session:
    """Start servers and processes, show what they log, and stop what was started. A process that dies ends the run."""

    def __init__(
        self,
        context: Context,
        servers: Sequence[Server],
        specs: Sequence[ProcessSpec],
        stop: StopRequest,
        options: Options,
        *,
        settings_files: Iterable[Path] = (),
        fit: Callable[[], None] = lambda: None,
        unfit: Callable[[], str] = lambda: "",
        companions: Sequence[ProcessSpec] = (),
    ) -> None:
        self._context = context
        self._stop = stop
        self._options = options
        self._settings = SettingsFiles(settings_files)
        # Raises when the settings are not fit to start processes with, once that is known.
        self._fit = fit
        # What is wrong with the settings as they stand in the files now.
        self._unfit = unfit
        self._url = next((spec.url for spec in specs if spec.url), "")
        self._output = self._output_for([*specs, *companions])
        self._servers = ServerSupervisor(context, servers)
        environ = {
            **encryption.trusted(context.data, context.settings),
            **(debugger.environ() if options.reload else {}),
        }
        self._supervisor = Supervisor(
            specs, context.data / "log", stop, self._output, environ, companions, self._renew_accounts
        )
        self._follower = Follower(self._output)

    def run(self) -> bool:
        """Run until a signal asks to stop; return whether to start anew, because the settings have changed."""
        record = Record(self._context.data, self._url, self._options.name)
        try:
            return self._run(record)
        except CommandError as error:
            if self._options.production:
                self._output.event(str(error), "CRITICAL")
            after = "\nEverything was stopped." if self._supervisor.running else ""
            raise CommandError(f"{error}{after}") from error
        finally:
            self._supervisor.stop(after_each=self._show_last_lines)
            self._servers.down()
            record.close()

    def _run(self, record: Record) -> bool:
        left_over = record.stop_orphans()
        self._supervisor.check_ports()
        rows = self._servers.up(left_over)
        self._note(record)
        self._fit()
        # Before the code is read, so that what is saved while the stack starts is noticed too.
        if self._options.reload:
            self._supervisor.watch()
        self._supervisor.start()
        self._note(record)
        self._supervisor.wait_ready()
        self._supervisor.start_companions()
        self._note(record)
        self._announce(rows)
        if not self._options.as_json:
            self._follow()
        while not self._stop.count:
            self._show()
            if self._attend(record):
                return True
            time.sleep(_POLL)
        return False

    def _attend(self, record: Record) -> bool:
        """Do what is due; return whether to start anew."""
        if self._options.reload:
            if self._supervisor.reload():
                self._note(record)
            if self._settings_changed():
                return True
        if self._options.production:
            self._supervisor.check_heartbeats()
        self._supervisor.check()
        self._servers.check()
        return False

    def _renew_accounts(self) -> None:
        """Let services use what the changed code declares, such as the collection of a new feature."""
        try:
            self._servers.renew()
        except CommandError as error:
            # A service whose code cannot be imported says so itself.
            self._output.event(f"the accounts stay as they are: {error}", "WARNING")

    def _settings_changed(self) -> bool:
        """Return whether the settings files were changed and can be used."""
        names = ", ".join(path.name for path in self._settings.changed())
        if not names:
            return False
        if problem := self._unfit():
            self._output.event(f"{names} changed and cannot be used, so everything goes on as before: {problem}")
            return False
        self._output.event(f"{names} changed: everything is started anew")
        return True

    def _note(self, record: Record) -> None:
        record.write(self._supervisor.processes, self._servers.started)

    def _output_for(self, specs: Sequence[ProcessSpec]) -> Output:
        if self._options.production:
            return JsonOutput(self._context.settings.get("VERSION", ""))
        return TerminalOutput(spec.name for spec in specs if not spec.once)

    def _announce(self, rows: dict[str, Row]) -> None:
        version = self._context.settings.get("VERSION", "")
        for name, running in self._supervisor.running.items():
            if not running.spec.once:
                pid, log = running.process.pid, str(running.log)
                rows[name] = {"version": version, "url": running.spec.url or None, "pid": pid, "log": log}
        if self._options.as_json:
            print(json.dumps(rows), flush=True)
            return
        # In production, stdout is for programs.
        stream = sys.stderr if self._options.production else sys.stdout
        columns = ("version", "url", "pid", "log")
        cells = [(name, *(row.get(column) or "-" for column in columns)) for name, row in rows.items()]
        print(table(("component", *columns), cells, stream), file=stream)
        for module in extensions("server_kinds"):
            for name, note in module.notes(self._context.settings):
                if name in rows:
                    print(note, file=stream)
        if self._url and not self._options.production:
            print(f"See it work: {self._url}/docs", file=stream)
        print("Ctrl-C stops everything that this command started.", file=stream, flush=True)

    def _follow(self) -> None:
        for name, running in self._supervisor.running.items():
            if not running.spec.once:
                # The lines of production are collected, all of them.
                self._follower.add(name, running.log, whole=self._options.production)

    def _show(self) -> None:
        try:
            self._follower.show()
        except BrokenPipeError:
            # Ctrl-C ends the reader of the pipe too, and may do so first.
            if not self._stop.count:
                raise

    def _show_last_lines(self) -> None:
        # The reader may be gone, and stopping goes on.
        try:
            self._follower.show()
        except OSError:
            silence()
