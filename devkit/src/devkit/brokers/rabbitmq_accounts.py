"""The accounts in RabbitMQ, and the one queue with what leads to it: made when the server starts, and corrected.

The queue is there before anybody speaks of it, so that those who send messages need not be allowed to make it.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from devkit import env
from devkit.servers import accounts

# What an account may make, write to and read from. A worker makes the queue anew where somebody has deleted it.
_NOTHING, _ALL = "^$", ".*"
_RIGHTS = {"api": ("", "jobs", ""), "worker": ("jobs", "jobs", "jobs")}


def definitions(settings: Mapping[str, str], user: str, password_key: str, tags: str = "") -> dict[str, Any]:
    """Return what each start makes, or corrects, whatever the data hold; of passwords it holds digests only.

    `tags` are those of the operators' account; nobody is an administrator.
    """
    vhost = env.project(settings)
    own = _ALL if accounts.are_shared(settings) else f"^{re.escape(vhost)}\\."
    users, permissions = [_user(user, settings, password_key, tags)], [_permission(user, vhost, own, own, own)]
    for service, rights in _RIGHTS.items():
        name = accounts.user_of(user, service)
        users.append(_user(name, settings, accounts.key_of(password_key, service), ""))
        allowed = (f"^{re.escape(vhost)}\\.{queue}$" if queue else _NOTHING for queue in rights)
        permissions.append(_permission(name, vhost, *allowed))
    return {"vhosts": [{"name": vhost}], "users": users, "permissions": permissions, **_queue(vhost)}


def _queue(vhost: str) -> dict[str, Any]:
    """Return the queue as Celery declares it, which is refused where a queue of its name is otherwise."""
    name = f"{vhost}.jobs"
    place = {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": {}}
    binding = {
        "source": name,
        "vhost": vhost,
        "destination": name,
        "destination_type": "queue",
        "routing_key": name,
        "arguments": {},
    }
    return {"queues": [place], "exchanges": [{**place, "type": "direct", "internal": False}], "bindings": [binding]}


def _permission(user: str, vhost: str, configure: str, write: str, read: str) -> dict[str, str]:
    return {"user": user, "vhost": vhost, "configure": configure, "write": write, "read": read}


def _user(name: str, settings: Mapping[str, str], key: str, tags: str) -> dict[str, str]:
    secret = accounts.password(settings, key).encode()
    # The same each time, so that what is started with it is not taken for changed.
    salt = hashlib.sha256(name.encode() + secret).digest()[:4]
    digest = base64.b64encode(salt + hashlib.sha256(salt + secret).digest()).decode()
    method = {"password_hash": digest, "hashing_algorithm": "rabbit_password_hashing_sha256"}
    return {"name": name, "tags": tags, **method}
