"""`python -m tools.stack run`: the databases, API, worker and beat, until Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import ROOT, env
from tools.servers.selection import needed
from tools.servers.server import Context
from tools.signals import StopRequest
from tools.stack.parts import product_parts
from tools.stack.session import Session
from tools.terminal import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.stack", description=__doc__)
    command = parser.add_subparsers(dest="command", required=True).add_parser("run", help="start, and stop on Ctrl-C")
    command.add_argument("--data", type=Path, default=ROOT / ".data", help="folder of data, logs and pids")
    command.add_argument("--python", default=sys.executable, help="the Python that runs the parts")
    command.add_argument("--reload", action="store_true", help="restart a part when its code changes")
    command.add_argument("--json", action="store_true", help="print one line of JSON when ready, and no logs")
    options = parser.parse_args(arguments)
    stop = StopRequest()
    context = Context(options.data.absolute(), env.load(), options.python, check=stop.check)
    session = Session(context, needed(context), product_parts(context), stop)
    return session.run(reload=options.reload, as_json=options.json)


if __name__ == "__main__":
    sys.exit(run_command(main))
