"""What a fault must leave unchanged: memory and open files of each process, and connections to each server."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil
from pymongo.errors import PyMongoError

from .context import FaultContext

MB = 1 << 20
# Allowed growth: caches and pools that were not full before the fault.
MORE_MEMORY, MEMORY_FACTOR = 48 * MB, 1.25
# A child that replaces a dead one inherits the connections that its main process has made meanwhile.
MORE_FILES = 40
MORE_CONNECTIONS = 24


@dataclass(frozen=True)
class ResourceUsage:
    """Bytes of memory and open files of each process with its children, and connections to each server.

    Data that MongoDB caches are not counted.
    """

    memory: Mapping[str, int]
    files: Mapping[str, int]
    connections: Mapping[str, int]

    def maximum(self, other: "ResourceUsage") -> "ResourceUsage":
        """Return the greater of both for each figure: a process may have been started just now."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return ResourceUsage(*({**a, **{key: max(b[key], a.get(key, 0)) for key in b}} for a, b in pairs))

    def growth(self, before: "ResourceUsage") -> list[str]:
        """Return a phrase for each figure that grew more than is allowed."""
        return [*self._memory_growth(before), *self._count_growth(before)]

    def _memory_growth(self, before: "ResourceUsage") -> Iterator[str]:
        for name, used in self.memory.items():
            if used > before.memory.get(name, used) * MEMORY_FACTOR + MORE_MEMORY:
                yield f"{name} grew from {before.memory[name] // MB} to {used // MB} MB"

    def _count_growth(self, before: "ResourceUsage") -> Iterator[str]:
        for kind, now, then, allowed in (
            ("files", self.files, before.files, MORE_FILES),
            ("connections", self.connections, before.connections, MORE_CONNECTIONS),
        ):
            for name, count in now.items():
                if count > then.get(name, count) + allowed:
                    yield f"{name} has {count} {kind} instead of {then[name]}"


def measure(context: FaultContext) -> ResourceUsage:
    """Measure all processes and servers now."""
    running = _with_children(
        {managed.pid: name for name, managed in context.stack.processes.items() if managed.alive()}
    )
    memory = {name: _sum(processes, lambda process: process.memory_info().rss) for name, processes in running.items()}
    if "mongo" in memory:
        memory["mongo"] -= _mongo_cache(context)
    files = {name: _sum(processes, psutil.Process.num_fds) for name, processes in running.items()}
    ports = {"mongo": int(context.stack.settings["MONGO_PORT"]), context.stack.broker: context.stack.broker_port}
    connected = _connected_ports()
    return ResourceUsage(memory, files, {name: connected[port] for name, port in ports.items()})


def _with_children(names: Mapping[int, str]) -> dict[str, list[psutil.Process]]:
    """Return each process that this one has started and its children, by the name that belongs to its pid."""
    found: dict[str, list[psutil.Process]] = {name: [] for name in names.values()}
    # All at once, for each such question reads the parents of all processes of the machine.
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            name = names.get(process.pid) or names.get(process.ppid())
            if name:
                found[name].append(process)
    return found


def _connected_ports() -> Counter[int]:
    """Return how many established connections each local port has."""
    established = (entry for entry in psutil.net_connections("tcp4") if entry.status == psutil.CONN_ESTABLISHED)
    # An address is a pair of host and port; of a connection it is never empty.
    return Counter(port for entry in established for port in entry.laddr[1:])


def _mongo_cache(context: FaultContext) -> int:
    """Return the bytes of data that MongoDB caches: more data are no leak."""
    with suppress(PyMongoError):
        cache = context.stack.mongo.admin.command("serverStatus")["wiredTiger"]["cache"]
        return int(cache["bytes currently in the cache"])
    return 0


def _sum(processes: Iterable[psutil.Process], figure: Callable[[psutil.Process], int]) -> int:
    """Return the sum of a figure of processes; those that have ended have none."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += figure(process)
    return total
