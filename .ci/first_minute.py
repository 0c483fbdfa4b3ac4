"""Play the newcomer: `invoke dev` in the background, a resource posted and whole, Ctrl-C, and nothing left behind.

`python .ci/first_minute.py CLONE TITLE`, with `invoke` on PATH. The ports are those of `.env`; the environment wins.
With a third word, `serve`, the same for `invoke serve` and SIGTERM. A fourth is the line to type in place of it.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "devkit" / "src"))

from devkit.first_result import follow
from devkit.plain_settings import plain_setting

TIMEOUT = 180.0
# What listens on one of them is started by `invoke dev`; a product may have fewer.
PORTS = (
    "API_PORT",
    "MONGO_PORT",
    # [redis]
    "REDIS_PORT",
    # [/redis]
    # [console]
    "CONSOLE_PORT",
    # [/console]
)
# How each command is asked to stop.
SIGNALS = {"dev": signal.SIGINT, "serve": signal.SIGTERM}
# What is started inherits this, wherever it moves. A server may write its title over it; its port tells of it.
MARK = f"FIRST_MINUTE={secrets.token_hex(8)}"


def main(clone: Path, title: str, name: str = "dev", line: str = "") -> int:
    """Raise when something is not as the README promises; return the exit code."""
    ports = ports_of(clone)
    check(not open_of(ports), f"somebody listens already on {open_of(ports)}: stop that, or set other ports")
    log = clone.with_name(f"{clone.name}-{name}.log")
    began = time.monotonic()
    # Whoever ends this also ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = start(clone, log, ["bash", "-c", line] if line else ["invoke", name])
    try:
        api, headers = f"http://127.0.0.1:{ports['API_PORT']}", dict[str, str]()
        # [auth]
        if name == "serve":
            wait_for_table(log)
            headers["Authorization"] = f"Bearer {new_key(clone)}"
        # [/auth]
        follow(api, clone, lambda: still_runs(command, name), timeout=TIMEOUT, headers=headers)
        print(f"{title}: the first result was there {time.monotonic() - began:.1f} s after `invoke {name}`")
        print(wait_for_table(log))
        stopped = time.monotonic()
        # A terminal sends Ctrl-C to all that was started in it.
        os.killpg(command.pid, SIGNALS[name]) if line else command.send_signal(SIGNALS[name])
        code = command.wait(60)
        print(f"{title}: stopped {time.monotonic() - stopped:.1f} s after {SIGNALS[name].name}")
        check(code == 0, f"`invoke {name}` ended with exit code {code}")
        check(not left_over(), f"left behind: {left_over()}")
        check(not open_of(ports), f"still open: {open_of(ports)}")
        check("Traceback" not in log.read_text(encoding="utf-8"), "there is a traceback in the output")
    except BaseException:
        print(f"--- what `invoke {name}` said ---\n{log.read_text(encoding='utf-8')}")
        raise
    finally:
        stop(command)
        for pid in left_over():
            os.kill(pid, signal.SIGKILL)
    return 0


def start(clone: Path, log: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command as scripts do with `&`: Ctrl-C is ignored unless it says otherwise, and nothing is typed."""
    mark, _, value = MARK.partition("=")
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=clone,
            env={**os.environ, mark: value},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )


def stop(command: subprocess.Popen[bytes]) -> None:
    """Ask a command that still runs to end with all that it has started, of which not everything is found later."""
    if command.poll() is None:
        os.killpg(command.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(60)


def still_runs(command: subprocess.Popen[bytes], name: str) -> None:
    """Raise when it has ended by itself."""
    check(command.poll() is None, f"`invoke {name}` ended with exit code {command.returncode}")


def left_over() -> list[int]:
    """Return the pids of what was started and is still there."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if MARK.encode() in (folder / "environ").read_bytes().split(b"\0"):
                pids.append(int(folder.name))
    return pids


def ports_of(clone: Path) -> dict[str, int]:
    """Return the ports of a clone's stack by the settings that hold them."""
    written = {name: plain_setting(clone / ".env", name) for name in PORTS}
    return {name: int(os.environ.get(name, port)) for name, port in written.items() if port}


def open_of(ports: dict[str, int]) -> list[str]:
    """Return the ports on which somebody listens."""
    listening = []
    for name, port in ports.items():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            listening.append(f"{name} {port}")
    return listening


def wait_for_table(log: Path) -> str:
    """Return what is printed about the components once all of them work; the API may answer before."""
    deadline = time.monotonic() + TIMEOUT
    while "Ctrl-C" not in (said := log.read_text(encoding="utf-8")):
        check(time.monotonic() < deadline, "no table of the components was printed")
        time.sleep(0.05)
    lines = said.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("component "))
    end = next(number for number, line in enumerate(lines) if "Ctrl-C" in line)
    return "\n".join(lines[begin:end])


# [auth]
def new_key(clone: Path) -> str:
    """Return a key for the API of a clone that runs in production."""
    words = ["invoke", "keys", "create", "--owner=newcomer", "--scopes=*"]
    return subprocess.run(words, cwd=clone, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


# [/auth]
def check(holds: bool, problem: str) -> None:  # noqa: FBT001 - what holds is what this is about
    """Raise when something does not hold."""
    if not holds:
        raise SystemExit(f"first minute: {problem}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), *sys.argv[2:]))
