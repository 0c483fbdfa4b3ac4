"""TCP ports of this machine: whether one is free, and who holds it."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

HOST = "127.0.0.1"
_LISTEN = "0A"


def is_free(port: int, host: str = HOST) -> bool:
    """Tell whether a server could listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return not is_open(port, host)


def is_open(port: int, host: str = HOST) -> bool:
    """Tell whether somebody listens on the port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def unused() -> int:
    """Return a port that nobody uses now."""
    return distinct(1)[0]


def distinct(count: int) -> list[int]:
    """Return ports that nobody uses now, all different: asked for one by one, the same could come twice."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def owner(port: int) -> str:
    """Describe who listens on the port, as far as the system tells: pid and command."""
    pids = sorted(_listening_pids(port)) if Path("/proc/net/tcp").exists() else _pids_by_lsof(port)
    if not pids:
        return "a process that this user may not see"
    return ", ".join(f"pid {pid} ({_command(pid)})" for pid in pids[:3])


def _listening_pids(port: int) -> Iterator[int]:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            if any(os.readlink(link) in sockets for link in folder.iterdir()):
                yield int(folder.parent.name)


def _listening_inodes(port: int) -> Iterator[str]:
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", name).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _pids_by_lsof(port: int) -> list[int]:
    if shutil.which("lsof") is None:
        return []
    command = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return words if len(words) <= 80 else f"{words[:77]}..."
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()[:80]
