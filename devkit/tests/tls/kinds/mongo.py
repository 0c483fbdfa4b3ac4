"""MongoDB with TLS."""

import os
from typing import Any
from urllib.parse import quote

from cryptography import x509
from pymongo import MongoClient

from common.config import Settings
from common.mongo import connect
from devkit import ROOT, process
from devkit.private_files import write_private
from devkit.process import Process
from devkit.servers.mongo import Mongo

from ..certificates import ADDRESS, NAME, TlsServer

CLIENTS = ("MongoClient",)
MADE_BY = ("tls.",)
PLACES = ("mongo.py",)


def ask(settings: Settings) -> None:
    with connect(settings) as client:
        client[settings.mongo_database].things.insert_one({"_id": 1})


class TlsMongo(Mongo, TlsServer):
    """A mongod that takes encrypted connections only."""

    authority_key, certificate_key = "MONGO_TLS_CA_FILE", "MONGO_TLS_CERT_FILE"
    ways = (ask,)

    def launch(self) -> tuple[Process, ...]:
        """Start it; it becomes a replica set by `prepare`."""
        self.folder.mkdir(parents=True)
        write_private(self.folder / "keyfile", "k" * 64)
        command = [self.binary(), "--config", str(ROOT / "deploy/servers/mongo.conf"), "--dbpath", str(self.folder)]
        command += ["--bind_ip", ADDRESS, "--port", str(self.port), "--nounixsocket", "--keyFile", "keyfile"]
        command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.pair.certificate)]
        command += ["--tlsCAFile", str(self.pair.authority)]
        command += [] if self.client else ["--tlsAllowConnectionsWithoutCertificates"]
        return (process.spawn(command, log=self.log, cwd=self.folder, environ=os.environ),)

    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return an address with its account."""
        account, topology = (
            f"{self.user}:{quote(self.password, safe='')}",
            "tls=true&directConnection=true&authSource=admin",
        )
        return {"MONGO_URL": f"mongodb://{account}@{where}/?{topology}", "MONGO_TLS_CA_FILE": authority}

    def prepare(self) -> None:
        """Make it a replica set with an account, and another one that is the subject of the client's certificate."""
        tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(self.pair.authority)}
        if self.client:
            tls["tlsCertificateKeyFile"] = str(self.client)
        with MongoClient[dict[str, object]](NAME, self.port, timeoutMS=20_000, directConnection=True, **tls) as client:
            members = [{"_id": 0, "host": f"{NAME}:{self.port}"}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            assert process.wait_until(lambda: client.admin.command("hello")["isWritablePrimary"], timeout=20)
            client.admin.command("createUser", self.user, pwd=self.password, roles=["root"])
        if self.client:
            account: dict[str, Any] = {"username": self.user, "password": self.password}
            subject = x509.load_pem_x509_certificate(self.client.read_bytes()).subject.rfc4514_string()
            with MongoClient[dict[str, object]](NAME, self.port, directConnection=True, **account, **tls) as client:
                roles = [{"role": "root", "db": "admin"}]
                client["$external"].command("createUser", subject, roles=roles)

    @staticmethod
    def check_used(settings: Settings) -> None:
        """Fail unless the one document is there."""
        with connect(settings) as client:
            assert client[settings.mongo_database].things.count_documents({}) == 1

    @staticmethod
    def asking_less(environ: dict[str, str], option: str) -> dict[str, str]:
        """Return an address with an option of MongoDB's driver."""
        less = {"authority": "tlsAllowInvalidCertificates=true", "name": "tlsAllowInvalidHostnames=true"}
        return {**environ, "MONGO_URL": f"{environ['MONGO_URL']}&{less[option]}"}


SERVER = TlsMongo
