"""The accounts in MongoDB: the operators', which may use the product's database, and one for each service.

A service's account has a role of its own, which allows single actions on single collections.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from devkit import env
from devkit.servers import accounts
from devkit.servers.rights import Rights

_NO_USER, _NO_ROLE = 11, 31
# Documents, indexes, and what a backup and a restore need.
_OPERATORS = ("readWrite", "dbAdmin")

Client = AsyncMongoClient[dict[str, Any]]


@dataclass(frozen=True)
class Account:
    """An account: the roles of MongoDB's own that it has, and for a service the actions that it may do.

    Both are by what they are about: a database, or a collection of `database`.
    """

    name: str
    password: str
    database: str
    roles: Mapping[str, Sequence[str]]
    rights: Mapping[str, Sequence[str]] | None = None


def wanted(settings: Mapping[str, str], user: str, rights: Rights) -> list[Account]:
    """Return the accounts that there are to be, the operators' first. Raises CommandError for a missing password."""
    database = env.required(settings, "MONGO_DATABASE")
    key = "MONGO_PASSWORD"
    operators = Account(user, accounts.password(settings, key), database, _of_operators(settings, database))
    services = [
        Account(
            accounts.user_of(user, service),
            accounts.password(settings, accounts.key_of(key, service)),
            database,
            {},
            actions,
        )
        for service, actions in rights.items()
    ]
    return [operators, *services]


async def bring(admin: Client, accounts: Iterable[Account]) -> None:
    """Make what is missing, and correct what is another. The operators' account keeps what it may use already."""
    for account in accounts:
        roles = [{"role": role, "db": name} for name, own in account.roles.items() for role in own]
        if account.rights is not None:
            await _bring_role(admin, account)
            roles.append({"role": account.name, "db": "admin"})
        await _bring_user(admin, account, roles)


def _of_operators(settings: Mapping[str, str], database: str) -> dict[str, Sequence[str]]:
    """Return the roles of the account: for its own database, and the one in which it rehearses a restore."""
    if accounts.are_shared(settings):
        return {"admin": ["root"]}
    return {database: _OPERATORS, f"{database}_rehearsal": _OPERATORS}


async def _bring_role(admin: Client, account: Account) -> None:
    privileges = [
        {"resource": {"db": account.database, "collection": name}, "actions": [*actions]}
        for name, actions in (account.rights or {}).items()
    ]
    try:
        await admin.admin.command("updateRole", account.name, privileges=privileges, roles=[])
    except OperationFailure as error:
        if error.code != _NO_ROLE:
            raise
        await admin.admin.command("createRole", account.name, privileges=privileges, roles=[])


async def _bring_user(admin: Client, account: Account, roles: Sequence[Mapping[str, str]]) -> None:
    known = (await admin.admin.command("usersInfo", account.name))["users"]
    if not known:
        await admin.admin.command("createUser", account.name, pwd=account.password, roles=roles)
        return
    # But no role over the whole server, which the account of an earlier version had.
    kept = [role for role in known[0]["roles"] if role["db"] != "admin" and role not in roles]
    await admin.admin.command("updateUser", account.name, pwd=account.password, roles=[*kept, *roles])
