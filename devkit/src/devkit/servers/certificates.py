"""What `invoke certificates` does: it makes the files of TLS, and renews the certificate under running servers."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from devkit import env, ports, process
from devkit.servers import encryption, native, state
from devkit.servers.actions import data_folder
from devkit.servers.encryption import Encryption
from devkit.servers.selection import SERVERS
from devkit.servers.server import Context, Server
from devkit.terminal import CommandError, say, table

# Seconds in which a server shows what it has been told to read.
_PATIENCE = 10


def provide(data: str, *, renew: bool) -> None:
    """Make what is missing, and print what there is; with `renew` make a new certificate that running servers take.

    Raises CommandError for servers that do not show it, after all others have been told.
    """
    # Servers that were started with TLS are told of it, whatever the settings say now.
    context = Context(data_folder(data), {**env.settings(), "TLS": "1"})
    files = encryption.at(context.data)
    context.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with native.locked(context):
        trusted = _serial(files.authority)
        files.provide(renew=renew)
        print(table(("file", "is for", "until"), list(_rows(files))))
        running = _running(context)
        if trusted and trusted != _serial(files.authority):
            say("note: the authority is a new one: run `invoke db-down`, and restart what trusts the old one.")
        elif failed := [problem for server in running if (problem := _renewed(server, files))]:
            raise CommandError("\n".join(failed))


def shown(port: int) -> int:
    """Return the serial number of the certificate that a server of this machine shows; 0 when it shows none."""
    with contextlib.suppress(OSError):
        text = ssl.get_server_certificate((ports.HOST, port), timeout=5)
        return x509.load_pem_x509_certificate(text.encode()).serial_number
    return 0


def _running(context: Context) -> list[Server]:
    """Return the native servers that run and encrypt."""
    servers = []
    for server in (kind(context) for kind in SERVERS.values()):
        known = state.load(server.folder)
        if known is not None and known.main.alive() and known.encrypted:
            # Where it listens, whatever the settings say now.
            server.port = known.port
            servers.append(server)
    return servers


def _renewed(server: Server, files: Encryption) -> str:
    """Let a server take the certificate, and return what is wrong if it does not show it."""
    number = _serial(files.certificate)
    if shown(server.port) == number:
        return ""
    try:
        server.load_certificate()
        reason = ""
    except CommandError as error:
        reason = f" ({error})"
    if process.wait_until(lambda: shown(server.port) == number, timeout=_PATIENCE):
        say(f"{server.name} shows the certificate to each new connection.")
        return ""
    mend = f"`invoke db-down --only {server.name}`, then `invoke db-up`"
    return f"{server.name} still shows another certificate{reason}: {mend}."


def _rows(files: Encryption) -> Iterator[tuple[str, str, str]]:
    for path, use in ((files.authority, "clients, to trust"), (files.certificate, ", ".join(encryption.NAMES))):
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        yield str(path), use, f"{until:%Y-%m-%d}"


def _serial(path: Path) -> int:
    """Return the serial number of the first certificate in a file; 0 when there is none."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).serial_number
    except (OSError, ValueError):
        return 0
