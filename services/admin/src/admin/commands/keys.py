"""The command `keys`: make API keys, list, revoke and rotate them, and give their owners what belongs to nobody."""

import argparse
from datetime import datetime, timedelta
from typing import Any

from admin.commands import Parsers, add_action
from admin.database import on_database
from admin.durations import duration
from admin.features import FEATURES
from admin.output import CommandError, one_line, print_json, print_table, print_text, say
from admin.owners import assign
from common.auth.keys import Key, Keys
from common.auth.scopes import every
from common.clients import Clients
from common.config import Settings

# What is not known of a key by its own fields, and its digest, which is nobody's business.
_SHOWN = ("id", "owner", "scopes", "state", "created_at", "expires_at", "used_at")


def add_parsers(parsers: Parsers) -> None:
    """Add the command with its actions."""
    keys = parsers.add_parser("keys", help="make API keys, list, revoke and rotate them")
    keys.set_defaults(run=on_database(run))
    actions = keys.add_subparsers(dest="action", required=True)
    creating = add_action(actions, _create, "create", "make a key, and print it: it is shown this once")
    creating.add_argument("--owner", required=True, help="whose resources it is for, such as a team or a program")
    allowed = every(feature.name for feature in FEATURES)
    about = "what it allows, FEATURE:read or FEATURE:write, or * for all; may be repeated"
    creating.add_argument("--scope", required=True, action="append", choices=allowed, metavar="SCOPE", help=about)
    creating.add_argument("--expires-in", type=duration, default=None, help="such as 12h or 90d; never, unless told")
    listing = add_action(actions, _list, "list", "all keys, the oldest first; none is shown itself")
    listing.add_argument("--owner", help="of this owner only")
    revoking = add_action(actions, _revoke, "revoke", "end keys for ever; the API knows it within 5 seconds")
    revoking.add_argument("id", nargs="+")
    rotating = add_action(actions, _rotate, "rotate", "make a key for the same, and print it; the old one expires")
    rotating.add_argument("id")
    rotating.add_argument("--overlap", type=duration, default=3600, help="until the old one expires; 1h, unless told")
    assigning = add_action(actions, assign.run, "assign", "give the documents that have no owner to one")
    assigning.add_argument("--owner", required=True, help="who gets them; one that has a valid key")
    assigning.add_argument("--dry-run", action="store_true", help="change nothing; tell how many there are")
    assigning.add_argument("--yes", action="store_true", help="do not only tell, but do it")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one action; return 1 when an operator has to decide something. Raises CommandError and PyMongoError."""
    if options.action == "assign":
        return assign.run(options, settings)
    with Clients(settings) as clients:
        code: int = options.act(options, Keys(clients.database))
    return code


def _create(options: argparse.Namespace, keys: Keys) -> int:
    lifetime = None if options.expires_in is None else timedelta(seconds=options.expires_in)
    try:
        key, token = keys.create(options.owner, options.scope, lifetime)
    except ValueError as error:
        raise CommandError(str(error)) from None
    return _show_once(options, key, token)


def _list(options: argparse.Namespace, keys: Keys) -> int:
    known = [_known(key) for key in keys.list(options.owner)]
    if options.json:
        print_json(known)
    elif known:
        print_table([_SHOWN, *([_cell(value) for value in each.values()] for each in known)])
    else:
        say("There is no key. Make one: keys create --owner NAME --scope SCOPE")
    return 0


def _revoke(options: argparse.Namespace, keys: Keys) -> int:
    revoked = {key_id: keys.revoke(key_id) for key_id in dict.fromkeys(options.id)}
    if options.json:
        print_json({"revoked": [key_id for key_id, done in revoked.items() if done]})
    for key_id, done in revoked.items():
        say(f"{key_id} is {'revoked' if done else 'no key, or was revoked before'}.")
    return 0 if all(revoked.values()) else 1


def _rotate(options: argparse.Namespace, keys: Keys) -> int:
    key = keys.get(options.id)
    if key is None or key.state != "valid":
        say(f"{options.id} is {'no key' if key is None else key.state}.")
        return 1
    return _show_once(options, *keys.rotate(key, timedelta(seconds=options.overlap)))


def _show_once(options: argparse.Namespace, key: Key, token: str) -> int:
    if options.json:
        print_json({**_known(key), "key": token})
    else:
        say(f"The key {key.id} of {key.owner}. Keep it now: it is not shown again.")
        print_text(token)
    return 0


def _known(key: Key) -> dict[str, Any]:
    return {name: getattr(key, name) for name in _SHOWN}


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return ", ".join(value) if isinstance(value, tuple) else one_line(value)
