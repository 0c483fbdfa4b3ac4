"""Stands between a client and a server, passes everything on, and keeps what the client sent."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Recorder:
    """Listens on a port of its own; ends no encryption, for it understands nothing of what it passes on."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._sent: list[bytearray] = []
        self._threads: list[threading.Thread] = []
        self._clients: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)

    @property
    def sent(self) -> list[bytes]:
        """What came from the client, one piece for each of its connections."""
        return [bytes(each) for each in self._sent]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What a pool has kept open ends here.
        for each in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        while self._threads:
            self._threads.pop().join(10)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        # Begun first, for whoever ends this joins what stands in the list.
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                self._sent.append(bytearray())
                self._start(self._serve, client, self._sent[-1])

    def _serve(self, client: socket.socket, kept: bytearray) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target), timeout=10) as server:
            back = threading.Thread(target=_pass_on, args=(server, client, None), daemon=True)
            back.start()
            _pass_on(client, server, kept)
            back.join(10)


def _pass_on(source: socket.socket, sink: socket.socket, kept: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if kept is not None:
                kept += data
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def encrypted_bytes(sent: bytes) -> int:
    """Return how many bytes of encrypted content a client sent: TLS records of type 23, of which an alert is one."""
    total = 0
    while len(sent) >= 5:
        length = int.from_bytes(sent[3:5])
        total += length if sent[0] == 23 else 0
        sent = sent[5 + length :]
    return total
