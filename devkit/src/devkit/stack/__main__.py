"""`python -m devkit.stack run|serve`: the databases, API, worker and beat, until Ctrl-C."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, env, venv
from devkit.servers.selection import needed
from devkit.servers.server import Context
from devkit.signals import StopRequest
from devkit.stack.parts import product_parts
from devkit.stack.session import Mode, Session
from devkit.terminal import CommandError, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.mode is Mode.PRODUCTION:
        os.environ["ENVIRONMENT"] = "production"
    _refuse_unfit_settings(options.python)
    stop = StopRequest()
    context = Context(options.data.absolute(), env.load(), options.python, check=stop.check)
    session = Session(context, needed(context), product_parts(context), stop, options.mode)
    return session.run(as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=ROOT / ".data", help="folder of data, logs and pids")
    shared.add_argument("--python", default=sys.executable, help="the Python that runs the parts")
    shared.add_argument("--json", action="store_true", help="print one line of JSON when ready, and no logs")
    parser = argparse.ArgumentParser(prog="python -m devkit.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", parents=[shared], help="what dies ends all of it")
    run.set_defaults(mode=Mode.PLAIN)
    run.add_argument(
        "--reload", dest="mode", action="store_const", const=Mode.RELOAD, help="restart a part when its code changes"
    )
    serve = commands.add_parser("serve", parents=[shared], help="in production mode; what dies is started again")
    serve.set_defaults(mode=Mode.PRODUCTION)
    return parser


def _refuse_unfit_settings(python: str) -> None:
    """Raise when a setting is wrong, before anything is started: some parts would not even say which."""
    command = [python, *venv.ALONE, "admin", "settings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{done.stderr.strip()}\nSet them in .env.local or in the environment.")


if __name__ == "__main__":
    sys.exit(run_command(main))
