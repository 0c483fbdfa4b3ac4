"""The accounts in Valkey: nobody logs in without one, and none may do what is dangerous but ask how the server is.

A service uses the commands by which its driver, kombu, sends or fetches messages, on the keys of the one queue.
"""

import hashlib
from collections.abc import Iterator, Mapping

from devkit import env
from devkit.extensions import extensions
from devkit.servers import accounts

# Both sides: to say who they are, to look whether it keeps what it was given, to send a message and to count them.
_SEND = "hello ping info multi exec discard watch unwatch lpush llen sadd"
# To fetch messages, and to give back those that were fetched and not worked on.
_FETCH = "brpop rpush hset hget hdel zadd zrange zrem get set del srem evalsha script|load script|exists"
_QUEUE = ("{project}.jobs*", "_kombu.binding*")
_COMMANDS = {"api": _SEND, "worker": f"{_SEND} {_FETCH}"}
_KEYS = {"api": _QUEUE, "worker": (*_QUEUE, "unacked*")}
# Also dangerous by the server's own judgement, for it tells of everybody's keys how many there are.
_OPERATORS = "+@all -@admin -@dangerous +info"


def lines(settings: Mapping[str, str], user: str, password_key: str) -> list[str]:
    """Return what the server's configuration says of the accounts; of passwords it holds digests only."""
    return [
        "user default off",
        f"user {user} on {_digest(settings, password_key)} {_operators(settings)}",
        *(
            f"user {accounts.user_of(user, service)} on "
            f"{_digest(settings, accounts.key_of(password_key, service))} {' '.join(_service(settings, service))}"
            for service in _COMMANDS
        ),
    ]


def _operators(settings: Mapping[str, str]) -> str:
    if accounts.are_shared(settings):
        return "~* &* +@all"
    return f"~{env.project(settings)}:* resetchannels {_OPERATORS}"


def _service(settings: Mapping[str, str], service: str) -> Iterator[str]:
    """Yield the rules of a service's account: its keys, and the commands that it may use on them."""
    project = env.project(settings)
    keys, commands = [*_KEYS[service]], _COMMANDS[service].split()
    for module in extensions("redis_rights"):
        keys += module.KEYS.get(service, ())
        commands += module.COMMANDS.get(service, ())
    yield from (f"~{project}:{key.format(project=project)}" for key in keys)
    yield from ("resetchannels", "-@all")
    yield from (f"+{command}" for command in dict.fromkeys(commands))


def _digest(settings: Mapping[str, str], key: str) -> str:
    return digest(accounts.password(settings, key))


def digest(password: str) -> str:
    """Return a password as the line of an account holds it."""
    return f"#{hashlib.sha256(password.encode()).hexdigest()}"
