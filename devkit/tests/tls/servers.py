"""Servers with TLS of their own, plain text switched off; each is a real server."""

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from common.discovery import modules_of
from devkit import process
from devkit.servers.server import Context
from devkit.terminal import CommandError

from . import kinds
from .certificates import ADDRESS, Pair, TlsServer


def answers_tls(port: int) -> bool:
    """Return whether a server completes a handshake, whatever its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((ADDRESS, port), timeout=2) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


KINDS: dict[str, type[TlsServer]] = {module.SERVER.name: module.SERVER for module in modules_of(kinds)}


def start(
    kind: str, pair: Pair, data: Path, settings: dict[str, str], client: Path | None = None
) -> tuple[TlsServer, Callable[[], None]]:
    """Start a server with this certificate, that takes clients with one only if there is one; return what stops it."""
    server = KINDS[kind](Context(data, settings))
    server.pair, server.client = pair, client
    processes = server.launch()

    def stop() -> None:
        for each in processes:
            process.stop(each, timeout=20)

    began = time.monotonic()
    while not answers_tls(server.port):
        if time.monotonic() - began > server.start_timeout or not processes[0].alive():
            stop()
            raise CommandError(f"{kind} did not start:\n{process.tail(server.log)}")
        time.sleep(0.05)
    return server, stop
