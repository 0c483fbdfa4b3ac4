"""A TCP proxy in place of the network between two processes: it passes, resets, delays, or swallows data."""

import asyncio
import socket
import struct
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum
from typing import Any, Self, TypeVar

HOST = "127.0.0.1"
# Seconds a slow network delays every piece of data, in each direction.
DELAY = 0.2
# With no time to linger, a closed socket sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)

Result = TypeVar("Result")


class Mode(Enum):
    """What happens to connections.

    BLACKHOLE swallows data and connections without an answer. A connection that was open when the network comes back
    stays dead, because the server has forgotten it, and no reset tells the client.
    """

    PASS = "pass"  # noqa: S105 - what the proxy does, no secret
    RESET = "reset"
    SLOW = "slow"
    BLACKHOLE = "blackhole"


class Proxy:
    """Listen on a port of its own and forward data to the target's port on this machine; a context manager."""

    def __init__(self, target: int) -> None:
        self._target, self._mode = target, Mode.PASS
        # The client's and the server's side of each connection that works, and the clients of dead ones.
        self._pairs: set[tuple[StreamWriter, StreamWriter]] = set()
        self._dead: set[StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, HOST, 0, backlog=128))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def switch(self, mode: Mode) -> None:
        """Change the network for all connections: RESET resets them, and the end of BLACKHOLE leaves them dead."""
        self._call(self._switch(mode))

    def close(self) -> None:
        """Close all connections, dead ones too."""
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _switch(self, mode: Mode) -> None:
        before, self._mode = self._mode, mode
        for client, server in list(self._pairs):
            if before is Mode.BLACKHOLE:
                self._dead.add(client)
                self._pairs.discard((client, server))
                _reset(server)
            elif mode is Mode.RESET:
                self._end((client, server))

    async def _close(self) -> None:
        self._server.close()
        for pair in list(self._pairs):
            self._end(pair)
        for client in self._dead:
            _reset(client)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(self, reader: StreamReader, client: StreamWriter) -> None:
        if self._mode is Mode.BLACKHOLE:
            self._dead.add(client)
            return
        try:
            if self._mode is Mode.RESET:
                raise ConnectionResetError
            answers, server = await asyncio.open_connection(HOST, self._target)
        except OSError:
            _reset(client)
            return
        pair = (client, server)
        self._pairs.add(pair)
        await asyncio.gather(self._forward(pair, reader, server), self._forward(pair, answers, client))
        # Both directions have ended in an orderly way, or nothing is forwarded any more.
        if self._passes(pair):
            self._pairs.discard(pair)
            client.close()
            server.close()

    async def _forward(self, pair: tuple[StreamWriter, StreamWriter], source: StreamReader, sink: StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if self._mode is Mode.SLOW:
                    await asyncio.sleep(DELAY)
                if self._passes(pair):
                    sink.write(data)
                    await sink.drain()
            # In a blackhole even the end of a connection does not come through.
            if self._passes(pair):
                sink.write_eof()
        except OSError:
            if self._passes(pair):
                self._end(pair)

    def _passes(self, pair: tuple[StreamWriter, StreamWriter]) -> bool:
        return pair in self._pairs and self._mode is not Mode.BLACKHOLE

    def _end(self, pair: tuple[StreamWriter, StreamWriter]) -> None:
        self._pairs.discard(pair)
        for end in pair:
            _reset(end)


def _reset(end: StreamWriter) -> None:
    with suppress(OSError):
        connection: socket.socket = end.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.transport.abort()
