"""One request and its answer: the WSGI application called, and what it answers handed to the ASGI server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

# An answer is gathered up to this many bytes and handed over at once; a longer one is sent piece by piece.
PIECE = 1024 * 1024


class Exchange:
    """One request and its answer; `close` ends the connection after it.

    `run` is called in a thread or on the event loop, `finish` on the event loop.
    """

    def __init__(self, app: "WSGIApplication", environ: "WSGIEnvironment", send: Send, *, close: bool) -> None:
        self._app = app
        self._environ = environ
        self._send = send
        self._close = close
        self._loop = asyncio.get_running_loop()
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._parts: list[bytes] = []
        self._is_sent = False
        self._error: BaseException | None = None

    def run(self) -> None:
        """Have the application answer; what it raises is kept for `finish`."""
        try:
            chunks = self._app(self._environ, self._start)
            try:
                self._gather(chunks)
            finally:
                if close := getattr(chunks, "close", None):
                    close()
        except BaseException as error:
            self._error = error

    async def finish(self) -> None:
        """Send what is left of the answer, and let go of the server."""
        try:
            if self._error is not None:
                log.error("The application failed.", exc_info=self._error)
                if self._is_sent:
                    # Half an answer must not look like a whole one: the server breaks the connection off.
                    raise self._error
                self._head, self._parts = ("500 Internal Server Error", [("Content-Length", "0")]), []
            await self._flush(more=False)
        finally:
            # The frames of an exception keep this object until garbage is collected. The server's request must not wait
            # for that: a connection whose body was not read whole stays open as long as the request does.
            del self._send, self._error

    def _start(self, status: str, headers: list[tuple[str, str]], error: "OptExcInfo | None" = None, /) -> Any:
        if error is not None and self._is_sent:
            raise error[1] or RuntimeError(status)
        self._head = status, headers
        return self._parts.append

    def _gather(self, chunks: Iterable[bytes]) -> None:
        size = 0
        for chunk in chunks:
            self._parts.append(chunk)
            size += len(chunk)
            if size >= PIECE:
                asyncio.run_coroutine_threadsafe(self._flush(more=True), self._loop).result()
                size = 0

    async def _flush(self, *, more: bool) -> None:
        if not self._is_sent:
            self._is_sent = True
            status, headers = self._head or ("500 Internal Server Error", [])
            given = [*headers, ("Connection", "close")] if self._close else headers
            raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given]
            await self._send({"type": "http.response.start", "status": int(status.split(" ", 1)[0]), "headers": raw})
        body, self._parts = b"".join(self._parts), []
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
