"""What a run must leave as it was: the memory and files of each process, and the connections of the servers."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pymongo.errors import PyMongoError

from .place import Place

MB = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")
_ESTABLISHED = "01"
# What may come on top of what was there before the fault: caches and pools that are not full yet.
MORE_MEMORY, MEMORY_FACTOR = 48 * MB, 1.25
# A child that takes the place of a dead one inherits the connections that its main process has made meanwhile.
MORE_FILES = 40
MORE_CONNECTIONS = 24


@dataclass(frozen=True)
class Measures:
    """Bytes of memory and open files of each part with its children, and connections of each server.

    Of MongoDB's memory what it caches does not count.
    """

    memory: Mapping[str, int]
    files: Mapping[str, int]
    connections: Mapping[str, int]

    def or_more(self, other: "Measures") -> "Measures":
        """The greater of both, one by one: a process may just have started, or be about to."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Measures(*({**a, **{k: max(v, a.get(k, v)) for k, v in b.items()}} for a, b in pairs))

    def growth(self, before: "Measures") -> list[str]:
        """What is more than it was, beyond what is usual; one phrase each."""
        found = []
        for name, used in self.memory.items():
            if used > before.memory.get(name, used) * MEMORY_FACTOR + MORE_MEMORY:
                found.append(f"{name} grew from {before.memory[name] // MB} to {used // MB} MB")
        for what, now, then, more in (
            ("files", self.files, before.files, MORE_FILES),
            ("connections", self.connections, before.connections, MORE_CONNECTIONS),
        ):
            for name, count in now.items():
                if count > then.get(name, count) + more:
                    found.append(f"{name} has {count} {what} instead of {then[name]}")
        return found


def measure(place: Place) -> Measures:
    """The measures of all processes and servers now."""
    names = [name for name, keeper in place.stack.keepers.items() if keeper.alive()]
    pids = {name: place.processes(name) for name in names}
    ports = {"mongo": int(place.stack.settings["MONGO_PORT"]), place.stack.broker: place.stack.broker_port}
    memory = {name: sum(map(_memory, each)) for name, each in pids.items()}
    if "mongo" in memory:
        memory["mongo"] -= _cached(place)
    return Measures(
        memory,
        {name: sum(map(_files, each)) for name, each in pids.items()},
        {name: connections(port) for name, port in ports.items()},
    )


def connections(port: int) -> int:
    """How many connections a server on this port of this machine has."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(each[3] == _ESTABLISHED and int(each[1].rpartition(":")[2], 16) == port for each in fields)


def _cached(place: Place) -> int:
    """The bytes of data that MongoDB keeps at hand, as it says: more data are no leak."""
    with suppress(PyMongoError):
        cache = place.stack.mongo.admin.command("serverStatus")["wiredTiger"]["cache"]
        return int(cache["bytes currently in the cache"])
    return 0


def _memory(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    return 0


def _files(pid: int) -> int:
    with suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/fd"))
    return 0
