"""A TCP proxy in place of the network between two processes: it passes, resets, delays, or swallows data."""

import contextlib
import socket
import struct
import threading
import time
from enum import Enum
from typing import Self

HOST = "127.0.0.1"
# Seconds a slow network delays every piece of data, in each direction.
DELAY = 0.2
# With no time to linger, a closed socket sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)


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
        self._target = target
        self._mode = Mode.PASS
        self._lock = threading.Lock()
        self._pairs: set[_Pair] = set()
        self._dead: list[socket.socket] = []
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name=f"proxy {self.port}", daemon=True).start()

    @property
    def mode(self) -> Mode:
        """Return the present mode."""
        return self._mode

    def switch(self, mode: Mode) -> None:
        """Change the network for all connections: RESET resets them, and the end of BLACKHOLE leaves them dead."""
        with self._lock:
            before, self._mode = self._mode, mode
            pairs = list(self._pairs)
            if mode is Mode.RESET or before is Mode.BLACKHOLE:
                self._pairs.clear()
        for pair in pairs if mode is Mode.RESET else ():
            pair.reset()
        for pair in pairs if before is Mode.BLACKHOLE else ():
            self._dead += pair.abandon()

    def close(self) -> None:
        """Close all connections, dead ones too."""
        with contextlib.suppress(OSError):
            # Wake the thread that accepts, which closing alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            pair.reset()
        for client in self._dead:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with self._lock:
            if self._mode is Mode.BLACKHOLE:
                self._dead.append(client)
                return
        try:
            server = None if self._mode is Mode.RESET else socket.create_connection((HOST, self._target), timeout=5)
        except OSError:
            server = None
        if server is None:
            _reset(client)
            return
        pair = _Pair(self, client, server)
        with self._lock:
            self._pairs.add(pair)
        pair.start()

    def ended(self, pair: "_Pair") -> None:
        """Remove a connection that has ended."""
        with self._lock:
            self._pairs.discard(pair)


class _Pair:
    """The two ends of one connection, and a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._abandoned = False
        self._open_directions = 2
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        for source, sink in ((self._client, self._server), (self._server, self._client)):
            threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def reset(self) -> None:
        _reset(self._client)
        _reset(self._server)

    def abandon(self) -> list[socket.socket]:
        """Reset the server's side; return the client's, to be kept open and dead."""
        self._abandoned = True
        _reset(self._server)
        return [self._client]

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self._proxy.mode is Mode.SLOW:
                    time.sleep(DELAY)
                if not self._swallows:
                    sink.sendall(data)
            if not self._swallows:
                self._end(sink)
        except OSError:
            if not self._swallows:
                self.reset()
                self._proxy.ended(self)

    @property
    def _swallows(self) -> bool:
        # In a blackhole even the end of a connection does not come through.
        return self._abandoned or self._proxy.mode is Mode.BLACKHOLE

    def _end(self, sink: socket.socket) -> None:
        """Forward an orderly end; the second one closes both."""
        sink.shutdown(socket.SHUT_WR)
        self._open_directions -= 1
        if not self._open_directions:
            self._client.close()
            self._server.close()
            self._proxy.ended(self)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wake the thread that reads from it; closing sends the reset.
        connection.shutdown(socket.SHUT_RD)
    connection.close()
