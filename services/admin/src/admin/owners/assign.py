"""The action `keys assign`: give the documents of all features that have no owner to one."""

import argparse
from collections.abc import Sequence

from pymongo.database import Database

from admin.output import CommandError, print_json, print_table, say
from admin.owners.documents import count, give_all, owned_collections
from admin.progress import Progress
from common.auth.keys import OWNER, Keys
from common.auth.owners import TOKENS, is_subject
from common.config import Settings
from common.extensions.auth import AuthSettings
from common.mongo import Document, connect


def run(options: argparse.Namespace, settings: Settings, names: Sequence[str] | None = None) -> int:
    """Tell how many there are, and with `--yes` give them; return 1 when it was not told to.

    The collections are those of all features, unless they are named.

    Raises CommandError for an owner that nobody can call for, and PyMongoError.
    """
    names = owned_collections() if names is None else names
    with connect(settings, task="keys assign") as client:
        database = client[settings.mongo_database]
        _need_known(options.owner, Keys(database), settings.section(AuthSettings))
        if options.dry_run or not options.yes:
            return _tell(options, database, names)
        given = {name: _give(database, name, options.owner) for name in names}
    _show(options, given)
    say(f"{options.owner} got {sum(given.values()):,} documents.")
    return 0


def _need_known(owner: str, keys: Keys, auth: AuthSettings) -> None:
    """Refuse an owner whom no request can be of: a mistyped name would hide everything from everybody."""
    if owner.startswith(TOKENS) and auth.oidc_issuer and is_subject(owner.removeprefix(TOKENS)):
        return
    if not OWNER.fullmatch(owner):
        raise CommandError(f"{owner!r} is no owner of a key, nor of a token of the provider that OIDC_ISSUER names.")
    known = sorted({key.owner for key in keys.list() if key.state == "valid"})
    if owner not in known:
        have = f"Such have {', '.join(known)}" if known else "Nobody has one"
        raise CommandError(
            f"{owner} has no valid key. {have}; make one with: keys create --owner {owner} --scope SCOPE"
        )


def _tell(options: argparse.Namespace, database: Database[Document], names: Sequence[str]) -> int:
    unowned = {name: count(database[name]) for name in names}
    _show(options, unowned)
    if options.dry_run or not any(unowned.values()):
        return 0
    say(f"To give these documents to {options.owner}, repeat with --yes. Nothing was changed.")
    return 1


def _give(database: Database[Document], name: str, owner: str) -> int:
    progress, given = Progress(f"{name}: gave"), 0
    for changed in give_all(database[name], owner):
        given += changed
        progress.add(changed)
    return given


def _show(options: argparse.Namespace, counts: dict[str, int]) -> None:
    if options.json:
        print_json({"owner": options.owner, "documents": counts})
    else:
        done = options.yes and not options.dry_run
        print_table([("collection", "given" if done else "without an owner"), *counts.items()])
