"""The ASGI application that the HTTP server calls: reads each request whole, and has a thread answer it."""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from common import supervisors
from common.config import Settings
from web.front.body import Body, BodyReader, Receive
from web.front.environ import LIVENESS, Scope, environ_of, headers_of
from web.front.exchange import Exchange, Send
from web.front.liveness import Liveness
from web.front.threads import Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

# Answered on the event loop itself, so that it needs no free thread; what stands here must never wait for anything.
INLINE = frozenset({"/healthz"})
NOTE_EVERY = 1.0


class Front:
    """Runs a WSGI application under an ASGI server.

    `threads` work on requests at once; the others wait in order. When they have hung for twice the limit of `liveness`
    the process ends, for whatever started it to start it again: nothing else would free them. As long as all processes
    serve, each touches the file `heartbeat` and tells its supervisor.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        threads: Threads,
        bodies: BodyReader,
        liveness: Liveness,
        heartbeat: Path | None = None,
    ) -> None:
        self._app = app
        self._threads = threads
        self._bodies = bodies
        self._liveness = liveness
        self._heartbeat = heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        # Kept by a name: the loop alone would not keep it.
        watch = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        while True:
            try:
                self._show_life()
            except OSError:
                log.exception("The heartbeat of this process could not be written.")
            if (silence := self._liveness.own_silence()) > 2 * self._liveness.limit:
                log.critical(
                    "No request was finished for %.0f s though all threads are busy; the process ends.", silence
                )
                # Its threads hang, so it cannot end in order.
                os._exit(1)
            await asyncio.sleep(NOTE_EVERY)

    def _show_life(self) -> None:
        self._liveness.note()
        if self._liveness.silence() <= self._liveness.limit:
            supervisors.notify()
            if self._heartbeat is not None:
                self._heartbeat.touch()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        body = await self._body(headers, receive)
        try:
            environ = environ_of(scope, headers, body)
            exchange = Exchange(self._app, environ, send, close=body.refusal is not None)
            if scope["path"] in INLINE:
                environ[LIVENESS] = self._liveness
                exchange.run()
            else:
                await self._in_thread(exchange)
            await exchange.finish()
        finally:
            self._bodies.release(body)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> Body:
        length = headers.get("content-length", "")
        if not length and "transfer-encoding" not in headers:
            return Body(b"")
        return await self._bodies.read(receive, int(length) if length.isdecimal() else None)

    async def _in_thread(self, exchange: Exchange) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def then() -> None:
            self._liveness.finished()
            if not done.done():
                done.set_result(None)

        self._liveness.begun()
        self._threads.run(exchange.run, then)
        await done


def fronted(app: "WSGIApplication", settings: Settings, folder: str) -> Front:
    """Return an application behind its front; the processes of one API share the folder."""
    return Front(
        app,
        Threads(settings.api_threads),
        BodyReader(settings.max_body_bytes, settings.api_read_timeout),
        Liveness(settings.api_threads, settings.api_stall_limit, folder),
        Path(settings.heartbeat_file) if settings.heartbeat_file else None,
    )
