"""RabbitMQ as a private node: own name, ports, cookie and port mapper, so it meets no other node of this machine."""

import contextlib
import json
import os
import ssl
import subprocess
from typing import Any

import psutil

from devkit import env, ports, process
from devkit.brokers import rabbitmq_accounts
from devkit.private_files import write_private
from devkit.process import Process
from devkit.servers import state
from devkit.servers.server import Server
from devkit.terminal import CommandError

_FOLDERS = (
    "/usr/lib/rabbitmq/bin",  # before PATH, where Linux has a wrapper that knows the system's own node only
    "/opt/homebrew/sbin",
    "/usr/local/sbin",
)
_MEND = "`apt install rabbitmq-server` / `brew install rabbitmq`, or set another BROKER in .env.local."


class RabbitMQ(Server):
    """A node with one virtual host, that of the project, its queue, and the accounts that use it."""

    name = "rabbitmq"
    port_key = "RABBITMQ_PORT"
    user_key = "RABBITMQ_USER"
    password_key = "RABBITMQ_PASSWORD"  # noqa: S105 - the name of a setting
    url_key = "BROKER_URL"
    keeps_credentials = False
    # Seconds. It takes ten where nothing else runs, and a busy machine may give it a tenth of that.
    start_timeout = 180
    stop_timeout = 30
    starts_in_seconds = True

    @property
    def vhost(self) -> str:
        """The virtual host: the name of the project."""
        return env.project(self.settings)

    @property
    def url(self) -> str:
        """The address of the virtual host."""
        return f"{'amqps' if self.encryption else 'amqp'}://127.0.0.1:{self.port}/{self.vhost}"

    @property
    def credentials(self) -> str:
        """Accounts and virtual host are made when it starts, so a node that runs serves these."""
        return f"{super().credentials}\n{json.dumps(self.definitions())}"

    def binary(self) -> str:
        """Return the path of rabbitmq-server."""
        return self.find_binary(["rabbitmq-server"], folders=_FOLDERS, mend=_MEND)

    def launch(self) -> tuple[Process, ...]:
        """Start a port mapper (epmd) of its own and the node."""
        binary = self.binary()
        epmd = self.find_binary(["epmd"], folders=_FOLDERS, mend=_MEND)
        mapper_port, node_port = ports.distinct(2)
        environ = self._environ(mapper_port, node_port)
        # A node would start a port mapper by itself, on all interfaces, and leave it behind.
        mapper = process.spawn(
            [epmd, "-address", "127.0.0.1", "-port", str(mapper_port)],
            log=self.log,
            cwd=self.folder,
            environ=environ,
        )
        process.wait_until(lambda: ports.is_open(mapper_port) or not mapper.alive(), timeout=5)
        return process.spawn([binary], log=self.log, cwd=self.folder, environ=environ), mapper

    def _environ(self, mapper_port: int, node_port: int) -> dict[str, str]:
        shared = self.configuration.read_text(encoding="utf-8")
        own = self._listening()
        # Relative to the folder that it is started in: in this file, `#` in a path would begin a comment.
        own.append("load_definitions = definitions.json")
        write_private(self.folder / "definitions.json", json.dumps(self.definitions()))
        write_private(self.folder / "rabbitmq.conf", shared + "\n".join(own) + "\n")
        (self.folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        inherited = {key: value for key, value in self.environ.items() if not key.startswith(("RABBITMQ_", "ERL_"))}
        return inherited | {
            # The shell script becomes the node instead of watching over it, so its pid is the node's.
            "RUNNING_UNDER_SYSTEMD": "true",
            # The cookie is kept in HOME: a node of its own has one of its own.
            "HOME": str(self.folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(mapper_port),
            # Data belong to a node's name, so the name must not change with the machine's.
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_DIST_PORT": str(node_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
        }

    def _listening(self) -> list[str]:
        if not self.encryption:
            return [f"listeners.tcp.1 = 127.0.0.1:{self.port}"]
        # Not as they are: a path of this file cannot hold `#`, and each line of it is relative to where it is started.
        path = os.path.relpath(self.encryption.folder, self.folder)
        files = dict.fromkeys(("certfile", "keyfile"), f"{path}/{self.encryption.certificate.name}")
        files["cacertfile"] = f"{path}/{self.encryption.authority.name}"
        return [
            "listeners.tcp = none",
            f"listeners.ssl.1 = 127.0.0.1:{self.port}",
            *(f"ssl_options.{name} = {file}" for name, file in files.items()),
            "ssl_options.verify = verify_none",
            "ssl_options.versions.1 = tlsv1.3",
            "ssl_options.versions.2 = tlsv1.2",
        ]

    def definitions(self, tags: str = "") -> dict[str, Any]:
        """Return what each start makes, or corrects, whatever the data hold; `tags` are of the operators' account."""
        return rabbitmq_accounts.definitions(self.settings, self.user, self.password_key, tags)

    @property
    def variables(self) -> dict[str, str]:
        """The same, as a variable; where there is a page for people, the operators' account may open it."""
        return {"RABBITMQ_ACCOUNTS": json.dumps(self.definitions("management"))}

    def ready(self) -> str | None:
        """Return the version once the node serves the project's account; it listens after everything else is up."""
        import amqp

        connection = amqp.Connection(
            f"{ports.HOST}:{self.port}",
            userid=self.user,
            password=self.password,
            virtual_host=self.vhost,
            login_method="PLAIN",
            connect_timeout=1,
            read_timeout=1,
            ssl=self._tls,
        )
        try:
            # It connects at first use otherwise, outside of this block.
            connection.connect()
        except amqp.AccessRefused as error:
            raise CommandError(
                "rabbitmq: its data were made with another RABBITMQ_USER or RABBITMQ_PASSWORD: restore it in "
                ".env.local, or delete the data with `invoke db-reset --only rabbitmq`."
            ) from error
        except (OSError, amqp.AMQPError):
            return None
        # The types of this library do not know it.
        properties: dict[str, object] = vars(connection)["server_properties"]
        version = str(properties["version"])
        with contextlib.suppress(OSError, amqp.AMQPError):
            connection.close()
        return version

    @property
    def _tls(self) -> dict[str, Any] | bool:
        """What the driver is told of encryption."""
        if not self.encryption:
            return False
        authority = str(self.encryption.authority)
        return {"ca_certs": authority, "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": ports.HOST}

    def load_certificate(self) -> None:
        """Let it forget the files that it has read: the next connection is made with what they hold then."""
        self._control("eval", "ssl:clear_pem_cache().")

    def _control(self, *arguments: str) -> None:
        """Run rabbitmqctl; the environment of the node itself says how to reach it. Raises CommandError."""
        known = state.load(self.folder)
        if known is None or not known.main.alive():
            raise CommandError("rabbitmq does not run: see `invoke db-status`.")
        program = self.find_binary(["rabbitmqctl"], folders=_FOLDERS, mend=_MEND)
        command = [program, "--node", "rabbit@localhost", *arguments]
        environ = {**self.environ, **psutil.Process(known.main.pid).environ()}
        try:
            done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            raise CommandError(f"rabbitmqctl {arguments[0]} did not end within 60 s.") from None
        if done.returncode != 0:
            raise CommandError(f"rabbitmqctl {arguments[0]} failed: {done.stderr or done.stdout}")


SERVER = RabbitMQ
