"""One run of the stack, from the first server to the last line."""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace

from tools.process import tail
from tools.servers.selection import backend
from tools.servers.server import Context, Row, Server
from tools.signals import StopRequest
from tools.stack.follow import Follower
from tools.stack.parts import Part
from tools.stack.record import Record
from tools.stack.supervisor import Supervisor
from tools.terminal import CommandError, say, table

_POLL = 0.05


class Session:
    """Starts servers and parts, shows what they say, and stops what it started."""

    def __init__(self, context: Context, servers: Sequence[Server], parts: Sequence[Part], stop: StopRequest) -> None:
        self._context = context
        self._servers = servers
        self._stop = stop
        self._url = next((part.url for part in parts if part.url), "")
        self._supervisor = Supervisor(parts, context.data / "log", stop)
        self._follower = Follower()
        # The names of the servers to stop in the end: those that were up before stay up.
        self._started: list[str] = []

    def run(self, *, reload: bool, as_json: bool) -> int:
        """Run until somebody asks to stop; return the exit code."""
        record = Record(self._context.data, self._url)
        try:
            return self._run(record, reload=reload, as_json=as_json)
        except CommandError as error:
            after = "\nEverything was stopped." if self._supervisor.running else ""
            raise CommandError(f"{error}{after}") from error
        finally:
            self._shut_down()
            record.close()

    def _run(self, record: Record, *, reload: bool, as_json: bool) -> int:
        self._started = record.stop_orphans()
        self._supervisor.check_ports()
        rows = backend(self._context).up(self._context, self._servers) if self._servers else {}
        self._started = sorted({*self._started, *(name for name, row in rows.items() if row["state"] == "started")})
        record.write({}, self._started)
        self._supervisor.start()
        record.write(self._supervisor.processes, self._started)
        self._supervisor.wait_ready()
        self._announce(rows, as_json=as_json)
        if reload:
            self._supervisor.watch()
        self._attend(record, follow=not as_json)
        return 0

    def _announce(self, rows: dict[str, Row], *, as_json: bool) -> None:
        version = self._context.settings.get("VERSION", "")
        for name, each in self._supervisor.running.items():
            if not each.part.once:
                pid, log = each.process.pid, str(each.log)
                rows[name] = {"version": version, "url": each.part.url or None, "pid": pid, "log": log}
        if as_json:
            print(json.dumps(rows), flush=True)
            return
        columns = ("version", "url", "pid", "log")
        print(
            table(
                ("part", *columns), [(name, *(row.get(each) or "-" for each in columns)) for name, row in rows.items()]
            )
        )
        if self._context.settings.get("BROKER") == "redis" and "redis" in rows:
            print("Valkey is also the broker (BROKER=redis).")
        if self._url and self._context.settings.get("ENVIRONMENT") != "production":
            print(f"See it work: {self._url}/")
        print("Ctrl-C stops everything that this command started.", flush=True)

    def _attend(self, record: Record, *, follow: bool) -> None:
        for name, each in self._supervisor.running.items():
            if follow and not each.part.once:
                self._follower.add(name, each.log)
        while not self._stop.count:
            self._follower.show()
            if self._supervisor.tick():
                record.write(self._supervisor.processes, self._started)
            self._check_servers()
            time.sleep(_POLL)

    def _show_last_lines(self) -> None:
        # Whoever read them may be gone, and stopping goes on.
        with contextlib.suppress(OSError):
            self._follower.show()

    def _own_servers(self) -> list[Server]:
        return [server for server in self._servers if server.name in self._started]

    def _check_servers(self) -> None:
        for server in backend(self._context).ended(self._context, self._own_servers()):
            raise CommandError(f"{server.name} has ended. The end of {server.log}:\n{tail(server.log)}")

    def _shut_down(self) -> None:
        self._supervisor.stop(after_each=self._show_last_lines)
        if servers := self._own_servers():
            say(f"stopping {', '.join(server.name for server in reversed(servers))} ...")
            # A further request to stop must not leave them behind.
            context = replace(self._context, check=lambda: None)
            backend(context).down(context, servers)
