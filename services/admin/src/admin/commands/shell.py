"""The command `shell`."""

import argparse
import code
import rlcompleter
from typing import Any

from admin.commands import Parsers
from admin.database import on_database
from common.clients import Clients
from common.config import Settings

try:
    import readline
except ImportError:  # Some builds of Python have no line editor.
    readline = None  # type: ignore[assignment] # the usual way to say that there is none


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("shell", help="open a Python prompt with `settings`, `clients` and `database`")
    parser.set_defaults(run=on_database(run))


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Open a Python prompt."""
    with Clients(settings) as clients:
        names = {"settings": settings, "clients": clients, "database": clients.database}
        _complete(names)
        code.interact(banner=f"Ready: {', '.join(names)}.", local=names, exitmsg="")
    return 0


def _complete(names: dict[str, Any]) -> None:
    """Complete names and attributes on Tab."""
    if readline is None:
        return
    readline.set_completer(rlcompleter.Completer(names).complete)
    # macOS has another line editor behind the same module.
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
