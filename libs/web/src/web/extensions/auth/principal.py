"""Who sends a request, by the key that it brings; keys are asked of MongoDB and remembered for seconds."""

import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.auth.keys import Key, Keys, parts
from common.mongo import Document

# Seconds that a key is remembered: a revoked one is dead within 5.
REMEMBERED = 4.0
# How many are remembered at once.
CAPACITY = 1000


@dataclass(frozen=True)
class Principal:
    """Who sends a request: the id of what proves it, whose resources it may see, and what it may do with them."""

    id: str
    owner: str
    scopes: tuple[str, ...]

    def logged(self) -> dict[str, str]:
        """Return what the access log tells."""
        return {"principal": self.id, "owner": self.owner}


class Principals:
    """Tells who a key stands for; one for each app, shared by its threads."""

    def __init__(self, database: Callable[[], Database[Document]], clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[float, Key]] = OrderedDict()

    def of(self, token: str) -> Principal | None:
        """Return who a key stands for; None for what is no key that is valid.

        Raises PyMongoError when MongoDB is away and the key is not remembered.
        """
        if (both := parts(token)) is None:
            return None
        key_id, secret = both
        key = self._remembered(key_id) or self._asked(key_id)
        if key is None or not key.is_of(secret) or key.state != "valid":
            return None
        return Principal(key.id, key.owner, key.scopes)

    def _remembered(self, key_id: str) -> Key | None:
        with self._lock:
            until, key = self._known.get(key_id, (0.0, None))
        return key if until > self._clock() else None

    def _asked(self, key_id: str) -> Key | None:
        asked_at = self._clock()
        keys = Keys(self._database())
        key = keys.get(key_id)
        # An id that does not exist takes no place from those that do.
        if key is None:
            return None
        # Nobody waits for this, and nobody is refused for it.
        with contextlib.suppress(PyMongoError):
            keys.note_use(key)
        with self._lock:
            self._known[key_id] = asked_at + REMEMBERED, key
            self._known.move_to_end(key_id)
            if len(self._known) > CAPACITY:
                self._known.popitem(last=False)
        return key
