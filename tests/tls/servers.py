"""MongoDB, Valkey or Redis, and RabbitMQ with TLS of their own, plain text switched off; each is a real server."""

import os
import shutil
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import trustme
from pymongo import MongoClient

from devkit import ROOT, process
from devkit.process import Process
from devkit.servers.mongo import Mongo
from devkit.servers.rabbitmq import RabbitMQ
from devkit.servers.redis import Redis
from devkit.servers.server import Context, Server
from devkit.servers.state import write_private
from devkit.terminal import CommandError

NAME, ADDRESS = "localhost", "127.0.0.1"
# Debian's redis-tools hold the server by another name, without putting it on PATH or starting it.
REDIS = ("valkey-server", "redis-server", "valkey-check-rdb", "redis-check-rdb")


@dataclass(frozen=True)
class Pair:
    """A server's certificate with its key, and the authority that it asks of others, as files in PEM."""

    certificate: Path
    authority: Path


def issue(authority: trustme.CA, folder: Path, name: str, **validity: object) -> Pair:
    """Write a certificate for NAME."""
    made = authority.issue_cert(NAME, **validity)  # type: ignore[arg-type]  # from now to far in the future unless given
    pair = Pair(folder / f"{name}.pem", folder / f"{name}-authority.pem")
    made.private_key_and_cert_chain_pem.write_to_path(str(pair.certificate))
    authority.cert_pem.write_to_path(str(pair.authority))
    # RabbitMQ and MongoDB want it private.
    pair.certificate.chmod(0o600)
    return pair


def answers_tls(port: int) -> bool:
    """Return whether a server completes a handshake, whatever its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((ADDRESS, port), timeout=2) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


class TlsMongo(Mongo):
    """A mongod that takes encrypted connections only."""

    pair: Pair

    def launch(self) -> tuple[Process, ...]:
        """Start it; it becomes a replica set by `prepare`."""
        self.folder.mkdir(parents=True)
        write_private(self.folder / "keyfile", "k" * 64)
        command = [self.binary(), "--config", str(ROOT / "docker/mongo/mongod.conf"), "--dbpath", str(self.folder)]
        command += ["--bind_ip", ADDRESS, "--port", str(self.port), "--nounixsocket", "--keyFile", "keyfile"]
        command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.pair.certificate)]
        command += ["--tlsCAFile", str(self.pair.authority), "--tlsAllowConnectionsWithoutCertificates"]
        return (process.spawn(command, log=self.log, cwd=self.folder, environ=os.environ),)

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


class TlsRedis(Redis):
    """A Valkey or Redis that takes encrypted connections only; the wheel's cannot, so this machine's."""

    pair: Pair

    def launch(self) -> tuple[Process, ...]:
        """Start it."""
        program = next((found for name in REDIS if (found := shutil.which(name))), None)
        if program is None:
            raise CommandError("a Valkey or Redis with TLS was not found: apt install redis-tools, brew install valkey")
        self.folder.mkdir(parents=True)
        server = self.folder / "redis-server"
        server.symlink_to(program)
        own = f"bind {ADDRESS}\nport 0\ntls-port {self.port}\nrequirepass {self.password}\ntls-auth-clients no\n"
        own += f"tls-cert-file {self.pair.certificate}\ntls-key-file {self.pair.certificate}\n"
        own += f"tls-ca-cert-file {self.pair.authority}\n"
        shared = (ROOT / "docker/redis/valkey.conf").read_text(encoding="utf-8")
        write_private(self.folder / "own.conf", f"{shared}\n{own}")
        return (process.spawn([str(server), "own.conf"], log=self.log, cwd=self.folder, environ=os.environ),)


class TlsRabbitMQ(RabbitMQ):
    """A node that takes encrypted connections only."""

    pair: Pair

    def launch(self) -> tuple[Process, ...]:
        """Start it and its port mapper."""
        self.folder.mkdir(parents=True)
        return super().launch()

    def _environ(self, mapper_port: int, node_port: int) -> dict[str, str]:
        environ = super()._environ(mapper_port, node_port)
        path = self.folder / "rabbitmq.conf"
        plain = f"listeners.tcp.1 = {ADDRESS}:{self.port}"
        encrypted = [
            f"listeners.ssl.1 = {ADDRESS}:{self.port}",
            "listeners.tcp = none",
            "ssl_options.verify = verify_none",
        ]
        encrypted += [f"ssl_options.{name} = {self.pair.certificate}" for name in ("certfile", "keyfile")]
        encrypted += [f"ssl_options.cacertfile = {self.pair.authority}"]
        text = path.read_text(encoding="utf-8")
        assert plain in text
        write_private(path, text.replace(plain, "\n".join(encrypted)))
        return environ


KINDS: dict[str, type[TlsMongo | TlsRedis | TlsRabbitMQ]] = {
    "mongo": TlsMongo,
    "redis": TlsRedis,
    "rabbitmq": TlsRabbitMQ,
}


def start(kind: str, pair: Pair, data: Path, settings: dict[str, str]) -> tuple[Server, Callable[[], None]]:
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
