"""`python -m devkit.servers up|down|status|reset|logs`: the servers, for people, tests and other tools."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, env
from devkit.servers.selection import backend, needed, present
from devkit.servers.server import Context, Row
from devkit.signals import StopRequest
from devkit.terminal import confirm, run_command, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    # Only a start must not be cut off between a server's start and the note of its pid.
    stop = StopRequest(install=options.command == "up")
    context = Context(options.data.absolute(), env.load(), options.python, check=stop.check)
    choose = present if options.command in ("down", "reset") else needed
    servers = choose(context, options.only or getattr(options, "server", ""))
    chosen = backend(context)
    if options.command == "logs":
        chosen.logs(context, servers, follow=options.follow)
        return 0
    if options.command == "reset" and not options.yes:
        where = context.data if context.settings.get("DB_BACKEND") == "native" else "their volumes"
        confirm(f"Delete all data of {', '.join(server.name for server in servers)} in {where}?")
    act = {"up": chosen.up, "down": chosen.down, "status": chosen.status, "reset": chosen.reset}[options.command]
    rows = act(context, servers)
    print(json.dumps(rows) if options.json else _as_table(rows))
    return int(options.command == "status" and any(row["state"] != "up" for row in rows.values()))


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=ROOT / ".data", help="folder of the servers' data")
    shared.add_argument("--only", default="", help="these servers only, such as mongo,redis")
    shared.add_argument("--python", default=sys.executable, help="the Python whose packages carry the servers")
    shared.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser = argparse.ArgumentParser(prog="python -m devkit.servers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("up", "start them, healthy before it returns"),
        ("down", "stop them, data kept"),
        ("status", "tell what is up; exit code 1 when something is down"),
        ("reset", "stop them and delete their data"),
        ("logs", "show the end of their logs"),
    ):
        command = commands.add_parser(name, parents=[shared], help=help_text)
        if name == "reset":
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "logs":
            command.add_argument("server", nargs="?", default="", help="this server only")
            command.add_argument("-f", "--follow", action="store_true", help="go on showing new lines")
    return parser


def _as_table(rows: dict[str, Row]) -> str:
    columns = [key for key in next(iter(rows.values()), {}) if key != "port"]
    return table(("server", *columns), [(name, *(row[each] or "-" for each in columns)) for name, row in rows.items()])


if __name__ == "__main__":
    sys.exit(run_command(main))
