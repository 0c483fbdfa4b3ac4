"""What the commands about servers do: start, stop, describe, empty them, and show their logs."""

import json
from pathlib import Path

from devkit import ROOT, env
from devkit.servers.former import tell_of_former_data
from devkit.servers.selection import backend, needed, present
from devkit.servers.server import Context, Row
from devkit.signals import StopRequest
from devkit.terminal import CommandError, confirm, table


def start(data: str, only: str, *, as_json: bool) -> None:
    """Start servers, healthy when it returns, and print what they are."""
    # A start must not be cut off between a server's start and the note of its pid.
    stop = StopRequest()
    context = Context(data_folder(data), env.settings(), check=stop.check)
    servers = needed(context, only)
    _print(backend(context).up(context, servers), as_json=as_json)
    tell_of_former_data(context, servers)


def stop(data: str, only: str, *, as_json: bool) -> None:
    """Stop servers and print what became of them; their data stay."""
    context = Context(data_folder(data), env.settings())
    _print(backend(context).down(context, present(context, only)), as_json=as_json)


def status(data: str, only: str, *, as_json: bool) -> None:
    """Print the state of servers; raise when one does not answer."""
    context = Context(data_folder(data), env.settings())
    rows = backend(context).status(context, needed(context, only))
    _print(rows, as_json=as_json)
    if any(row["state"] != "up" for row in rows.values()):
        # The table has said which.
        raise CommandError("")


def reset(data: str, only: str, *, as_json: bool, confirmed: bool) -> None:
    """Stop servers and delete their data, after a question unless it is confirmed already."""
    context = Context(data_folder(data), env.settings())
    servers = present(context, only)
    if not confirmed:
        where = backend(context).place(context)
        confirm(f"Delete all data of {', '.join(server.name for server in servers)} in {where}?")
    _print(backend(context).reset(context, servers), as_json=as_json)


def logs(data: str, only: str, *, follow: bool) -> None:
    """Print the end of servers' logs, and with `follow` each new line until Ctrl-C."""
    context = Context(data_folder(data), env.settings())
    backend(context).logs(context, needed(context, only), follow=follow)


def data_folder(data: str) -> Path:
    """Return the folder that an option names; empty means the repository's own."""
    return (ROOT / (data or ".data")).absolute()


def _print(rows: dict[str, Row], *, as_json: bool) -> None:
    print(json.dumps(rows) if as_json else _as_table(rows))


def _as_table(rows: dict[str, Row]) -> str:
    columns = [key for key in next(iter(rows.values()), {}) if key != "port"]
    cells = [(name, *(row[column] or "-" for column in columns)) for name, row in rows.items()]
    return table(("server", *columns), cells)
