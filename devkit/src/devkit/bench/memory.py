"""The memory of processes and of those that they have started, as `ps` tells it."""

import subprocess
from collections.abc import Iterator, Mapping


def memory_of(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the resident megabytes of each process and each of its descendants, by its name and its place there."""
    said = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in said.splitlines()]
    sizes = {pid: size / 1024 for pid, _, size in rows}
    children: dict[int, list[int]] = {}
    for pid, parent, _ in rows:
        children.setdefault(parent, []).append(pid)
    found = {}
    for name, pid in pids.items():
        for number, each in enumerate(_tree(pid, children)):
            found[f"{name} {number}" if number else name] = sizes.get(each, 0)
    return found


def _tree(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in sorted(children.get(pid, [])):
        yield from _tree(child, children)
