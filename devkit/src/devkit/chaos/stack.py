"""The production stack under test: two API processes, two workers, the beat, MongoDB and a broker.

They run as `invoke serve` starts them, on ports, with data and secrets of their own. The harness stands for the restart
policy of a deployment: what dies is started again a second later. Nothing of the product is imported.
"""

import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient

from devkit import ROOT, env, ports, process
from devkit.process import Process
from devkit.servers.selection import SERVERS
from devkit.servers.server import Context, Server
from devkit.stack import specs
from devkit.stack.specs import ProcessSpec, own_environ
from devkit.stress.own_stack import stack_environ
from devkit.terminal import CommandError, say

from .keeper import Keeper

DATABASE = "chaos"
APIS: tuple[str, ...] = ("api1", "api2")
WORKERS: tuple[str, ...] = ("worker1", "worker2")
PARTS = (*APIS, *WORKERS, "beat")

# What is different from the usual: for each part its settings.
Variation = Mapping[str, Mapping[str, str]]


class Stack:
    """A running stack with one broker; everything in it has a keeper."""

    def __init__(self, broker: str, folder: Path, check: Callable[[], None] = lambda: None) -> None:
        self.broker, self.folder, self.check = broker, folder, check
        self.settings = env.load(ROOT, stack_environ()) | {"BROKER": broker, "MONGO_DATABASE": DATABASE}
        # So that there are ticks to look at.
        self.settings["REPORT_PURGE_EVERY"] = "2"
        self.port_of = {name: ports.unused() for name in APIS}
        self._metrics_ports = {name: ports.unused() for name in WORKERS}
        self.keepers: dict[str, Keeper] = {}
        self._variation: Variation = {}
        self._mongo: MongoClient[dict[str, Any]] | None = None

    def __enter__(self) -> Self:
        """Starts everything and waits until it works."""
        try:
            for name in ("mongo", self.broker):
                self.keepers[name] = self._server(name)
                self.keepers[name].start()
            for name in ("mongo", self.broker):
                self.keepers[name].wait(self.check)
            self._make_indexes()
            self.start(*PARTS)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops everything, the parts before the servers; kills what does not stop."""
        say(f"{self.broker}: stopping the stack ...")
        if self._mongo is not None:
            self._mongo.close()
        for keeper in self.keepers.values():
            keeper.hold()
        servers = {name: keeper for name, keeper in self.keepers.items() if name in SERVERS}
        _together(self.keepers[name].close for name in self.keepers if name not in servers)
        _together(keeper.close for keeper in servers.values())

    @property
    def mongo(self) -> MongoClient[dict[str, Any]]:
        """The harness's own access to MongoDB, past every proxy."""
        if self._mongo is None:
            self._mongo = MongoClient(
                "127.0.0.1",
                int(self.settings["MONGO_PORT"]),
                username=self.settings["MONGO_USER"],
                password=self.settings["MONGO_PASSWORD"],
                directConnection=True,
                timeoutMS=20_000,
                tz_aware=True,
                maxPoolSize=2,
            )
        return self._mongo

    @property
    def urls(self) -> list[str]:
        """The addresses of the API processes."""
        return [f"http://127.0.0.1:{port}" for port in self.port_of.values()]

    @property
    def broker_port(self) -> int:
        """The port of the broker's server."""
        return int(self.settings["REDIS_PORT" if self.broker == "redis" else "RABBITMQ_PORT"])

    def pid(self, name: str) -> int:
        """The pid of the present main process of a part or server."""
        return self.keepers[name].pid

    def start(self, *names: str) -> None:
        """Starts parts, all at once, and waits until each works."""
        for name in names:
            if name not in self.keepers:
                self.keepers[name] = self._part(name)
            self.keepers[name].start()
        for name in names:
            self.keepers[name].wait(self.check)

    def stop(self, *names: str) -> None:
        """Stops parts in an orderly way, all at once, and leaves them stopped."""
        _together(self.keepers[name].stop for name in names)

    def vary(self, variation: Variation) -> None:
        """Restarts the parts whose settings are to be others than they are."""
        changed = [name for name in PARTS if variation.get(name, {}) != self._variation.get(name, {})]
        self._variation = variation
        self.stop(*changed)
        self.start(*changed)

    def wipe(self, name: str) -> None:
        """Deletes the data of a server that is dead and held."""
        for each in (self.folder / "data" / name).iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()

    def _server(self, name: str) -> Keeper:
        context = Context(self.folder / "data", self.settings)
        folder = SERVERS[name](context).folder
        starts = [_Start(SERVERS[name](context))]

        def anew() -> Server:
            starts[0] = _Start(SERVERS[name](context))
            return starts[0].server

        def launch() -> tuple[Process, ...]:
            folder.mkdir(parents=True, exist_ok=True)
            return anew().launch()

        def pending() -> str:
            try:
                return "" if starts[0].works() else "it does not answer yet"
            except CommandError as error:
                anew()
                return str(error)

        return Keeper(name, launch, pending, folder / "log")

    def _make_indexes(self) -> None:
        part, log = specs.indexes(Context(self.folder, self.settings)), self.folder / "indexes.log"
        made = process.spawn(part.command, log=log, cwd=ROOT, environ=self.settings)
        process.wait_until(lambda: not made.alive(), timeout=30)
        if process.exit_code(made) != 0:
            raise CommandError(f"The indexes were not made. The end of {log}:\n{process.tail(log)}")

    def _part(self, name: str) -> Keeper:
        log = self.folder / f"{name}.log"

        def launch() -> tuple[Process, ...]:
            own = self._variation.get(name, {})
            part = self._described(name, own)
            if part.heartbeat:
                part.heartbeat.unlink(missing_ok=True)
            if part.metrics:
                shutil.rmtree(part.metrics, ignore_errors=True)
            environ = {**self.settings, **own_environ(part), **self._own_port(name), **own}
            return (process.spawn(part.command, log=log, cwd=ROOT, environ=environ),)

        return Keeper(name, launch, self._described(name).pending, log)

    def _described(self, name: str, own: Mapping[str, str] | None = None) -> ProcessSpec:
        context = Context(self.folder, {**self.settings, **self._own_port(name), **(own or {})})
        heartbeat, metrics = self.folder / f"{name}.heartbeat", self.folder / f"{name}.metrics"
        if name in APIS:
            return specs.api(context, heartbeat, metrics)
        if name in WORKERS:
            part = specs.worker(context, heartbeat, metrics)
            return replace(part, command=tuple(word.replace("worker1@", f"{name}@") for word in part.command))
        return specs.beat(context, heartbeat)

    def _own_port(self, name: str) -> dict[str, str]:
        """What two processes of the same kind cannot share."""
        if name in APIS:
            return {"API_PORT": str(self.port_of[name])}
        return {"METRICS_PORT": str(self._metrics_ports[name])} if name in WORKERS else {}


class _Start:
    """One start of a server: prepared once, then only asked whether it answers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._prepared = False

    def works(self) -> bool:
        if not self._prepared:
            self._prepared = self.server.ready() is not None
            return self._prepared
        return self.server.answers()


def _together(actions: Iterable[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
