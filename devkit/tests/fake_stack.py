"""A stack of three small processes under the real supervisor: `python fake_stack.py DATA PORT WATCHED [BEHAVIOUR...]`.

A behaviour is NAME=HOW: `engine=dies`, `engine=stubborn`, `engine=finishes`, `api=silent`, `api=late`,
`engine=freezes`, `engine=waits`, or `mode=production`. `prepares=SECONDS` adds a process that runs once, `page=HOW` a
companion, which listens on `page-port=PORT`.
"""

import sys
from pathlib import Path

from devkit import env
from devkit.servers.selection import needed
from devkit.servers.server import Context
from devkit.signals import StopRequest
from devkit.stack.session import Options, Session
from devkit.stack.specs import ProcessSpec
from devkit.terminal import run_command

_PROGRAM = """
import os, pathlib, signal, sys, time
name, how = sys.argv[1:]
def end(*_):
    time.sleep(1 if how == "finishes" else 0)
    print(f"{name} says goodbye", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if how in ("stubborn", "slow") else end)
print('{"message": "%s says hello"}' % name if how == "logs" else f"{name} says hello", flush=True)
if how == "broken":
    sys.exit("cannot be imported")
if how == "late":
    time.sleep(3)
if how != "silent":
    pathlib.Path(os.environ["HEARTBEAT_FILE"]).write_text(str(os.getpid()))
if how == "debugs":
    answer = 42
    breakpoint()
    print(f"the answer is {answer}", flush=True)
if how == "dies":
    time.sleep(0.5)
    sys.exit("the disk is on fire")
if how == "forks":
    os.fork()
def compute():
    return sum(range(10_000))
while True:
    if how == "waits":
        pathlib.Path(os.environ["HEARTBEAT_FILE"] + ".waiting").write_text(str(os.getpid()))
    compute() if how == "computes" else time.sleep(0.05)
"""


def main(data: Path, port: int, watched: Path, behaviours: dict[str, str]) -> int:
    stop = StopRequest()
    context = Context(data, env.load(), check=stop.check)
    ports = {"api": port, "clock": 0, "engine": 0}
    specs = [spec(name, data, ports[name], watched, behaviours.get(name, "lives")) for name in ports]
    if "prepares" in behaviours:
        sleep = f"import time; time.sleep({behaviours['prepares']})"
        specs.insert(0, ProcessSpec("preparation", (sys.executable, "-c", sleep), once=True))
    servers = needed(context, behaviours["servers"]) if "servers" in behaviours else []
    mode = behaviours.get("mode", "reload")
    options = Options(reload=mode == "reload", production=mode == "production", as_json="json" in behaviours)
    files = [data.parent / "settings"]
    page_port = int(behaviours.get("page-port", 0))
    companions = [spec("page", data, page_port, watched, behaviours["page"])] if "page" in behaviours else []
    anew = True
    while anew:
        session = Session(
            context,
            servers,
            specs,
            stop,
            options,
            settings_files=files,
            unfit=lambda: unfit(files[0]),
            companions=companions,
        )
        anew = session.run()
    return 0


def unfit(settings: Path) -> str:
    return "NAME: is wrong" if "wrong" in settings.read_text() else ""


def spec(name: str, data: Path, port: int, watched: Path, how: str) -> ProcessSpec:
    heartbeat = data / "run" / f"{name}.heartbeat"
    command: tuple[str, ...] = (sys.executable, "-c", _PROGRAM, name, how)
    if how == "watched":
        command = (sys.executable, str(watched / "process.py"), name)
    return ProcessSpec(
        name,
        command,
        pending=lambda: "" if heartbeat.exists() else "no heartbeat yet",
        heartbeat=heartbeat,
        port=port,
        port_key=f"{name.upper()}_PORT",
        url=f"http://127.0.0.1:{port}" if port else "",
        watched=(watched,) if how == "watched" else (),
        ready_timeout=1.5 if how in ("silent", "late") else 30,
        stop_timeout=0.5 if how == "stubborn" else 15,
        silence=1 if how in ("freezes", "waits") else 60,
    )


if __name__ == "__main__":
    behaviours = dict(argument.split("=") for argument in sys.argv[4:])
    sys.exit(run_command(lambda: main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), behaviours)))
