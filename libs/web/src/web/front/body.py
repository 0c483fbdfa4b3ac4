"""Reads bodies whole, before a thread works on their requests: bounded in size, in time and all together in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

# Bytes per second that a body has to bring once its first seconds are over: half a megabit is slow for a telephone.
MIN_RATE = 64 * 1024
# How many of the largest bodies are held at once, in all requests together.
BODIES = 16
RETRY_AFTER = 2


@dataclass(frozen=True)
class Body:
    """A request's body, or why it is not there; `refusal` is what the application has to answer with."""

    content: bytes
    refusal: HTTPException | None = None


class BodyReader:
    """Reads the bodies of one process. `max_bytes` is of one body, `seconds` is what it may take besides its rate.

    Used on the event loop alone, so it needs no lock.
    """

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._held = 0

    async def read(self, receive: Receive, declared: int | None) -> Body:
        """Return the whole body. Its bytes count as held until `release`."""
        if declared is not None and declared > self._max_bytes:
            return Body(b"", RequestEntityTooLarge())
        parts: list[bytes] = []
        refusal = await self._read(receive, parts)
        return Body(b"".join(parts), refusal) if refusal is None else Body(b"", self._forget(parts, refusal))

    def release(self, body: Body) -> None:
        """Forget a body whose request was answered."""
        self._held -= len(body.content)

    async def _read(self, receive: Receive, parts: list[bytes]) -> HTTPException | None:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._seconds) as limit:
                size, more = 0, True
                while more:
                    message = await receive()
                    # The server says so when the framing is broken off: no last chunk, or less than its Content-Length.
                    if message["type"] != "http.request":
                        return BadRequest("The request ended before its body did.")
                    more = bool(message.get("more_body"))
                    size += self._hold(message.get("body", b""), parts)
                    if size > self._max_bytes:
                        return RequestEntityTooLarge()
                    if self._held > BODIES * self._max_bytes:
                        return ServiceUnavailable("Too many bodies are on their way.", retry_after=RETRY_AFTER)
                    # Counted from the beginning, so that a byte now and then does not prolong it for ever.
                    limit.reschedule(began + self._seconds + size / MIN_RATE)
        except TimeoutError:
            return RequestTimeout("The body did not arrive in time.")
        return None

    def _hold(self, part: bytes, parts: list[bytes]) -> int:
        if part:
            parts.append(part)
            self._held += len(part)
        return len(part)

    def _forget(self, parts: list[bytes], refusal: HTTPException) -> HTTPException:
        self._held -= sum(map(len, parts))
        return refusal
