"""The public keys of an OpenID provider: asked over HTTP, remembered, and asked again when a token names a new one.

OpenID Connect Discovery 1.0 says where they are, RFC 7517 what they look like.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic_core import from_json

from common.hosts import is_loopback

# Bytes of an answer that are read at most, and seconds that a step of it may take, and all of it.
_ANSWER_LIMIT, _STEP, _WHOLE = 256 * 1024, 2, 4
# Seconds after which keys are asked for again, and those between two requests, so that tokens with invented names of
# keys make no more of them.
MAX_AGE, MIN_INTERVAL = 600.0, 30.0
# The latter as long as there are none.
FIRST_INTERVAL = 1.0


class IssuerAwayError(Exception):
    """The provider gave no keys, and none are remembered."""


def fetched(url: str) -> Any:
    """Return the JSON at an address. Raises ValueError for what is none, and httpx2.HTTPError."""
    deadline = time.monotonic() + _WHOLE
    with (
        httpx2.Client(timeout=_STEP, headers={"Accept": "application/json"}) as client,
        client.stream("GET", url, follow_redirects=False) as answer,
    ):
        answer.raise_for_status()
        body = b""
        for part in answer.iter_bytes():
            body += part
            if len(body) > _ANSWER_LIMIT or time.monotonic() > deadline:
                raise ValueError(f"{url} answers more than {_ANSWER_LIMIT} bytes, or takes more than {_WHOLE} s")
    return from_json(body)


class IssuerKeys:
    """The keys of one provider, shared by the threads of a process."""

    def __init__(
        self, issuer: str, *, fetch: Callable[[str], Any] = fetched, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._lock = Lock()
        self._keys: dict[str, Any] = {}
        self._asked_at = self._answered_at = float("-inf")

    def get(self, key_id: str) -> Any:
        """Return the key of this id; None when the provider has none. Raises IssuerAwayError."""
        with self._lock:
            now = self._clock()
            is_due = key_id not in self._keys or now - self._answered_at >= MAX_AGE
            if is_due and now - self._asked_at >= (MIN_INTERVAL if self._keys else FIRST_INTERVAL):
                self._asked_at = now
                self._ask(now)
            if not self._keys:
                raise IssuerAwayError(f"{self._issuer} gives no keys.")
            return self._keys.get(key_id)

    def _ask(self, now: float) -> None:
        try:
            keys = KeySet.import_key_set(self._fetch(self._address_of_keys()))
        except (httpx2.HTTPError, JoseError, ValueError, TypeError, LookupError):
            # What is remembered stays good: a provider that is away for a while refuses nobody whose key is known.
            return
        self._keys = {str(key.kid): key for key in keys.keys if key.kid}
        self._answered_at = now

    def _address_of_keys(self) -> str:
        address: str = self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")["jwks_uri"]
        if not is_trustworthy(address):
            raise ValueError(f"jwks_uri is {address!r}")
        return address


def is_trustworthy(url: str) -> bool:
    """Return whether nobody on the way can change what an address answers: over HTTPS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
