"""MongoDB and the brokers with TLS of their own, plain text switched off; each is a real server."""

import os
import socket
import ssl
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

from pymongo import MongoClient

from common import brokers
from devkit import ROOT, process
from devkit.process import Process
from devkit.servers.mongo import Mongo
from devkit.servers.server import Context
from devkit.servers.state import write_private
from devkit.terminal import CommandError

from .certificates import ADDRESS, NAME, Pair, TlsServer


def answers_tls(port: int) -> bool:
    """Return whether a server completes a handshake, whatever its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((ADDRESS, port), timeout=2) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


class TlsMongo(Mongo, TlsServer):
    """A mongod that takes encrypted connections only."""

    def launch(self) -> tuple[Process, ...]:
        """Start it; it becomes a replica set by `prepare`."""
        self.folder.mkdir(parents=True)
        write_private(self.folder / "keyfile", "k" * 64)
        command = [self.binary(), "--config", str(ROOT / "deploy/servers/mongo.conf"), "--dbpath", str(self.folder)]
        command += ["--bind_ip", ADDRESS, "--port", str(self.port), "--nounixsocket", "--keyFile", "keyfile"]
        command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.pair.certificate)]
        command += ["--tlsCAFile", str(self.pair.authority), "--tlsAllowConnectionsWithoutCertificates"]
        return (process.spawn(command, log=self.log, cwd=self.folder, environ=os.environ),)

    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return an address with its account."""
        account, topology = (
            f"{self.user}:{quote(self.password, safe='')}",
            "tls=true&directConnection=true&authSource=admin",
        )
        return {"MONGO_URL": f"mongodb://{account}@{where}/?{topology}", "MONGO_TLS_CA_FILE": authority}

    def prepare(self) -> None:
        """Make it a replica set with an account."""
        authority = str(self.pair.authority)
        with MongoClient[dict[str, object]](
            NAME, self.port, timeoutMS=20_000, tls=True, tlsCAFile=authority, directConnection=True
        ) as client:
            members = [{"_id": 0, "host": f"{NAME}:{self.port}"}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            assert process.wait_until(lambda: client.admin.command("hello")["isWritablePrimary"], timeout=20)
            client.admin.command("createUser", self.user, pwd=self.password, roles=["root"])


KINDS: dict[str, type[TlsServer]] = {
    "mongo": TlsMongo,
    **{name: import_module(f".{name}", __package__).SERVER for name in brokers.names()},
}


def start(kind: str, pair: Pair, data: Path, settings: dict[str, str]) -> tuple[TlsServer, Callable[[], None]]:
    """Start a server with this certificate; return it and what stops it."""
    server = KINDS[kind](Context(data, settings))
    server.pair = pair
    processes = server.launch()

    def stop() -> None:
        for each in processes:
            process.stop(each, timeout=20)

    began = time.monotonic()
    while not answers_tls(server.port):
        if time.monotonic() - began > 60 or not processes[0].alive():
            stop()
            raise CommandError(f"{kind} did not start:\n{process.tail(server.log)}")
        time.sleep(0.05)
    return server, stop
