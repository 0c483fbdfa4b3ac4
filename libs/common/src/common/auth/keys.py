"""API keys, `ID.SECRET`: who they are for, what they allow, until when. Of a secret only the SHA-256 is kept.

A secret of 256 random bits cannot be guessed from its digest, so a slow hash would only cost each request its time.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database

from common.access import CHANGE
from common.mongo import CollectionSpec, Document
from common.resource import now

COLLECTION = "api_keys"
# The API notes when a key was used. Only operators make keys; MongoDB cannot allow a change of one field alone.
KEYS = CollectionSpec(COLLECTION, access={"api": CHANGE})
# Allows everything.
ALL = "*"
OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
_TOKEN = re.compile(r"([0-9a-f]{16})\.([A-Za-z0-9_-]{43})", re.ASCII)
# Seconds that `used_at` may be behind, so that not each request writes.
_USE_NOTED_EVERY = 60


@dataclass(frozen=True)
class Key:
    """A key without its secret; times are in UTC, and None where there is none."""

    id: str
    digest: str
    owner: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def state(self) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= datetime.now(UTC) else "valid"

    def is_of(self, secret: str) -> bool:
        """Return whether this is its secret; takes as long for a wrong one as for the right one."""
        return secrets.compare_digest(self.digest, digest_of(secret))


class Keys:
    """The keys of one database. Every method raises PyMongoError when MongoDB is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys: Collection[Document] = database[COLLECTION]

    def create(self, owner: str, scopes: Iterable[str], lifetime: timedelta | None = None) -> tuple[Key, str]:
        """Make a key, and return it with its token, which nobody can be shown again.

        Raises ValueError for a name that no owner can have.
        """
        if not OWNER.fullmatch(owner):
            raise ValueError("An owner is 1 to 100 letters, digits, `.`, `_`, `@` or `-`, first a letter or digit.")
        secret, created_at = secrets.token_urlsafe(32), now()
        key = Key(
            id=secrets.token_hex(8),
            digest=digest_of(secret),
            owner=owner,
            scopes=tuple(sorted(set(scopes))),
            created_at=created_at,
            expires_at=None if lifetime is None else created_at + lifetime,
        )
        self._keys.insert_one(_document(key))
        return key, f"{key.id}.{secret}"

    def get(self, key_id: str) -> Key | None:
        """Return the key of this id, whatever its state."""
        document = self._keys.find_one({"_id": key_id})
        return None if document is None else _key(document)

    def list(self, owner: str | None = None) -> list[Key]:
        """Return the keys of one owner, or all, the oldest first."""
        wanted = {} if owner is None else {"owner": owner}
        return [_key(document) for document in self._keys.find(wanted).sort("created_at", ASCENDING)]

    def revoke(self, key_id: str) -> bool:
        """End a key for ever; False when there is none of this id that is not revoked."""
        standing = {"_id": key_id, "revoked_at": {"$exists": False}}
        return self._keys.update_one(standing, {"$currentDate": {"revoked_at": True}}).modified_count == 1

    def rotate(self, key: Key, overlap: timedelta) -> tuple[Key, str]:
        """Make a key that is for the same, and as long, and let this one expire after the overlap."""
        lifetime = None if key.expires_at is None else key.expires_at - key.created_at
        new = self.create(key.owner, key.scopes, lifetime)
        self._keys.update_one({"_id": key.id}, {"$min": {"expires_at": now() + overlap}})
        return new

    def note_use(self, key: Key) -> None:
        """Note that a key was used, to the minute; may be forgotten when MongoDB dies."""
        limit = datetime.now(UTC) - timedelta(seconds=_USE_NOTED_EVERY)
        if key.used_at is None or key.used_at <= limit:
            unsure = self._keys.with_options(write_concern=WriteConcern(w=1))
            unsure.update_one({"_id": key.id}, {"$currentDate": {"used_at": True}})


def parts(token: str) -> tuple[str, str] | None:
    """Return the id and the secret of a token; None for what is none."""
    match = _TOKEN.fullmatch(token)
    return None if match is None else (match[1], match[2])


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _document(key: Key) -> Document:
    fields = {name: value for name, value in vars(key).items() if value is not None}
    return {"_id": fields.pop("id"), **fields, "scopes": [*key.scopes]}


def _key(document: Document) -> Key:
    fields: dict[str, Any] = {**document, "scopes": tuple(document["scopes"])}
    return Key(id=fields.pop("_id"), **fields)
