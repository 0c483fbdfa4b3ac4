"""RabbitMQ: it sends messages to the workers, and survives a power cut. It starts in seconds."""

import ssl
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from common.broker import BrokerKind, BrokerSettings
from common.server_settings import Host, Port, credentials

# What it answers when there is no such queue.
NOT_FOUND = 404
# What it answers when a queue of that name has other properties.
OTHERWISE = 406
# What it answers an account that may not make queues.
NOT_ALLOWED = 403


class RabbitMQSettings(BrokerSettings):
    """Where it is, and the account; an empty name is the project's."""

    rabbitmq_host: Host = "127.0.0.1"
    rabbitmq_port: Port = 5672
    rabbitmq_user: str = ""
    rabbitmq_password: SecretStr = SecretStr("")

    def address(self, project: str, *, encrypted: bool = False) -> str:
        """Return the address of the virtual host, which bears the project's name."""
        account = credentials(self.rabbitmq_user or project, self.rabbitmq_password.get_secret_value())
        scheme = RabbitMQKind.encrypted if encrypted else RabbitMQKind.plain
        return f"{scheme}://{account}{self.rabbitmq_host}:{self.rabbitmq_port}/{project}"


class RabbitMQKind(BrokerKind):
    """RabbitMQ."""

    name = "rabbitmq"
    title = "RabbitMQ"
    place = 2
    settings = RabbitMQSettings
    plain = "amqp"
    encrypted = "amqps"
    driver = "kombu.transport.pyamqp"
    pushes = True
    makes_queues = True
    named_after_project = ("RABBITMQ_USER",)
    taken_names = {  # noqa: RUF012 - the base class declares it
        "amq": "is how the names of RabbitMQ's own queues begin",
        "guest": "is RabbitMQ's account for everybody",
    }

    def transport_options(self, project: str, *, timeout: float, time_limit: float) -> dict[str, Any]:  # noqa: ARG002 - other kinds need them
        """Ask for confirms, and bound each wait for one."""
        return {"confirm_publish": True, "read_timeout": timeout, "write_timeout": timeout}

    def tls_options(
        self, files: Mapping[str, str], requirement: ssl.VerifyMode, *, check_name: bool, host: str
    ) -> dict[str, Any]:
        """Name the host of the address: kombu puts 127.0.0.1 in the place of localhost before the driver sees it."""
        named = {"server_hostname": host} if check_name else {}
        return {
            **{name.removeprefix("ssl_"): path for name, path in files.items()},
            "cert_reqs": requirement,
            **named,
        }

    def broken_promises(self, channel: Any, queue: str) -> list[str]:
        """Return whether a queue of that name is there which does not outlive a restart."""
        errors = channel.connection.channel_errors
        try:
            # Not there before a worker or a message came, and then made as it should be.
            channel.queue_declare(queue, passive=True)
            channel.queue_declare(queue, durable=True, auto_delete=False)
        except errors as error:
            # Who only sends does not make queues; the worker, whose queue it is, looks too.
            if getattr(error, "reply_code", 0) in (NOT_FOUND, NOT_ALLOWED):
                return []
            if getattr(error, "reply_code", 0) != OTHERWISE:
                raise
            return [f"RabbitMQ has a queue {queue} that is not durable; delete it, and it is made anew"]
        return []

    def waiting(self, channel: Any, queue: str) -> int:
        """Return the length of the queue, which is not there before a worker or a message came."""
        # A channel that was refused something has no connection any more.
        errors = channel.connection.channel_errors
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except errors as error:
            if getattr(error, "reply_code", 0) != NOT_FOUND:
                raise
            return 0


KIND = RabbitMQKind()
