"""The production stack under test: two API processes, two workers, the beat, MongoDB and a broker.

The processes are those that `invoke serve` starts, on ports, with data and secrets of their own. They have the example
feature of the tests in addition, so that no feature of the product is needed. The harness replaces the restart policy
of a deployment: a process that dies is started again a second later.
"""

import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pymongo import MongoClient

from common import brokers
from devkit import ROOT, env, ports, process
from devkit.process import Process
from devkit.servers.accounts import SHARED
from devkit.servers.mongo import Mongo
from devkit.servers.selection import SERVERS
from devkit.servers.server import Context, Server
from devkit.stack.headers import headers_for
from devkit.stack.processes import api, beat, worker
from devkit.stack.product import migrate
from devkit.stack.specs import ProcessSpec, environ_of
from devkit.stack.temporary import production_environ
from devkit.terminal import CommandError, say

from .managed_process import ManagedProcess

DATABASE = "chaos"
# The collection of the jobs.
JOBS = "examples"
_PROGRAMS, _WORKER_APP = ROOT / "devkit" / "programs", "workload_worker:app"
# What the accounts may do has to include the example feature.
# The harness works by the operators' account, and harms the servers.
WORKLOAD = {"RIGHTS_APP": "workload_rights", SHARED: "yes", "PYTHONPATH": str(_PROGRAMS)}
APIS: tuple[str, ...] = ("api1", "api2")
WORKERS: tuple[str, ...] = ("worker1", "worker2")
SERVICES = (*APIS, *WORKERS, "beat")

# Settings of single processes that differ from the others', by the names of the processes.
Variation = Mapping[str, Mapping[str, str]]


class Stack:
    """A running stack with one broker; a context manager."""

    def __init__(self, broker: str, folder: Path, check: Callable[[], None] = lambda: None) -> None:
        self.broker, self.folder, self.check = broker, folder, check
        self.settings = env.load(ROOT, production_environ()) | {"BROKER": broker, "MONGO_DATABASE": DATABASE}
        self.settings |= {"API_APP": "workload_api:front", "WORKER_APP": _WORKER_APP, **WORKLOAD}
        # So that there are ticks within each run.
        self.settings["EXAMPLE_TICK_EVERY"] = "2"
        self.processes: dict[str, ManagedProcess] = {}
        # What two processes of the same kind cannot share.
        self._own_settings = {name: {"API_PORT": str(ports.unused())} for name in APIS}
        self._own_settings |= {name: {"METRICS_PORT": str(ports.unused())} for name in WORKERS}
        self._variation: Variation = {}

    def __enter__(self) -> Self:
        """Start everything and wait until it works."""
        try:
            for name in ("mongo", self.broker):
                self.processes[name] = self._server(name)
                self.processes[name].start()
            for name in ("mongo", self.broker):
                self.processes[name].wait(self.check)
            self._prepare()
            self.start(*SERVICES)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything, the services before the servers; kill what does not stop."""
        say(f"{self.broker}: stopping the stack ...")
        self.mongo.close()
        for managed in self.processes.values():
            managed.disable_restart()
        _in_parallel(managed.close for name, managed in self.processes.items() if name not in SERVERS)
        _in_parallel(managed.close for name, managed in self.processes.items() if name in SERVERS)

    @cached_property
    def mongo(self) -> MongoClient[dict[str, Any]]:
        """The harness's own client of MongoDB, which uses no proxy and may do everything, such as read the oplog."""
        return MongoClient(
            "127.0.0.1",
            int(self.settings["MONGO_PORT"]),
            username=Mongo.administrator,
            password=self.settings[Mongo.administrator_key],
            directConnection=True,
            timeoutMS=20_000,
            tz_aware=True,
            maxPoolSize=2,
        )

    @cached_property
    def headers(self) -> dict[str, str]:
        """What each request has to bring; made when it is first asked for, while MongoDB runs."""
        return headers_for(self.settings)

    @property
    def urls(self) -> list[str]:
        """The addresses of the API processes."""
        return [f"http://127.0.0.1:{self._own_settings[name]['API_PORT']}" for name in APIS]

    @property
    def broker_port(self) -> int:
        """The port of the broker."""
        return int(self.settings[self.broker_port_key])

    @property
    def broker_port_key(self) -> str:
        """The setting that holds it."""
        return brokers.named(self.broker).port_key

    def start(self, *names: str) -> None:
        """Start services, all at once, and wait until each works."""
        for name in names:
            if name not in self.processes:
                self.processes[name] = self._service(name)
            self.processes[name].start()
        for name in names:
            self.processes[name].wait(self.check)

    def stop(self, *names: str) -> None:
        """Stop processes gracefully, all at once, and leave them stopped."""
        _in_parallel(self.processes[name].stop for name in names)

    def vary(self, variation: Variation) -> None:
        """Restart the services whose settings differ from what they are now."""
        changed = [name for name in SERVICES if variation.get(name, {}) != self._variation.get(name, {})]
        self._variation = variation
        self.stop(*changed)
        self.start(*changed)

    def wipe(self, name: str) -> None:
        """Delete the data of a server that is dead and is not restarted."""
        shutil.rmtree(self.folder / "data" / name)

    def _server(self, name: str) -> ManagedProcess:
        server = _ServerStarts(lambda: SERVERS[name](Context(self.folder / "data", self.settings)))
        return ManagedProcess(name, server.launch, server.pending, self.folder / "data" / name / "log")

    def _prepare(self) -> None:
        context = Context(self.folder, self.settings)
        self._run_once(migrate(context).command)
        self._run_once((context.python, str(_PROGRAMS / "workload_indexes.py")))

    def _run_once(self, command: Sequence[str]) -> None:
        log = self.folder / "prepare.log"
        running = process.spawn(command, log=log, cwd=ROOT, environ=self.settings)
        process.wait_until(lambda: not running.alive(), timeout=30)
        if process.exit_code(running) != 0:
            raise CommandError(f"The database was not prepared. {process.end_of(log)}")

    def _service(self, name: str) -> ManagedProcess:
        log = self.folder / f"{name}.log"

        def launch() -> tuple[Process, ...]:
            own = {**self._own_settings.get(name, {}), **self._variation.get(name, {})}
            spec = self._spec(name, own)
            if spec.heartbeat:
                spec.heartbeat.unlink(missing_ok=True)
            if spec.metrics:
                shutil.rmtree(spec.metrics, ignore_errors=True)
            environ = {**environ_of(spec, self.settings), **own}
            return (process.spawn(spec.command, log=log, cwd=ROOT, environ=environ),)

        return ManagedProcess(name, launch, self._spec(name, self._own_settings.get(name, {})).pending, log)

    def _spec(self, name: str, own: Mapping[str, str]) -> ProcessSpec:
        context = Context(self.folder, {**self.settings, **own})
        heartbeat, metrics = self.folder / f"{name}.heartbeat", self.folder / f"{name}.metrics"
        if name in APIS:
            return api.process(context, heartbeat, metrics)
        if name in WORKERS:
            return _with_words(worker.process(context, heartbeat, metrics), "worker1@", f"{name}@")
        return _with_words(beat.process(context, heartbeat, metrics), "worker.main:app", _WORKER_APP)


class _ServerStarts:
    """The starts of a server: after each it is prepared once, and from then on only asked whether it answers."""

    def __init__(self, make: Callable[[], Server]) -> None:
        self._make = make
        self._server, self._prepared = make(), False

    def launch(self) -> tuple[Process, ...]:
        self._renew()
        self._server.folder.mkdir(parents=True, exist_ok=True)
        return self._server.launch()

    def pending(self) -> str:
        try:
            works = self._server.answers() if self._prepared else self._server.ready() is not None
        except CommandError as error:
            self._renew()
            return str(error)
        self._prepared = self._prepared or works
        return "" if works else "it does not answer"

    def _renew(self) -> None:
        self._server, self._prepared = self._make(), False


def _with_words(spec: ProcessSpec, old: str, new: str) -> ProcessSpec:
    return replace(spec, command=tuple(word.replace(old, new) for word in spec.command))


def _in_parallel(actions: Iterable[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
