"""Valkey or Redis with TLS."""

import os
import shutil
from urllib.parse import quote

from common.discovery import modules_of
from devkit import ROOT, process
from devkit.brokers.kinds.redis import Redis
from devkit.private_files import write_private
from devkit.process import Process
from devkit.terminal import CommandError

from .. import broker, redis_connections
from ..broker import TlsBroker
from ..certificates import ADDRESS

# Debian's redis-tools hold the server by another name, without putting it on PATH or starting it.
PROGRAMS = ("valkey-server", "redis-server", "valkey-check-rdb", "redis-check-rdb")
CONNECTIONS = modules_of(redis_connections)
CLIENTS = (*broker.CLIENTS, "Redis", "StrictRedis")
MADE_BY = broker.MADE_BY
PLACES = (*broker.PLACES, *(module.PLACE for module in CONNECTIONS))


class TlsRedis(Redis, TlsBroker):
    """A Valkey or Redis that takes encrypted connections only; the wheel's cannot, so this machine's."""

    ways = (*TlsBroker.ways, *(module.connect for module in CONNECTIONS))

    def launch(self) -> tuple[Process, ...]:
        """Start it."""
        program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
        if program is None:
            raise CommandError("a Valkey or Redis with TLS was not found: apt install redis-tools, brew install valkey")
        self.folder.mkdir(parents=True)
        server = self.folder / "redis-server"
        server.symlink_to(program)
        own = f"bind {ADDRESS}\nport 0\ntls-port {self.port}\nrequirepass {self.password}\n"
        own += f"tls-auth-clients {'yes' if self.client else 'no'}\n"
        own += f"tls-cert-file {self.pair.certificate}\ntls-key-file {self.pair.certificate}\n"
        own += f"tls-ca-cert-file {self.pair.authority}\n"
        shared = (ROOT / "deploy/servers/redis.conf").read_text(encoding="utf-8")
        write_private(self.folder / "own.conf", f"{shared}\n{own}")
        return (process.spawn([str(server), "own.conf"], log=self.log, cwd=self.folder, environ=os.environ),)

    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return an address with its password."""
        url = f"rediss://:{quote(self.password, safe='')}@{where}/0"
        return {"BROKER": self.name, "BROKER_URL": url, "BROKER_TLS_CA_FILE": authority}


SERVER = TlsRedis
