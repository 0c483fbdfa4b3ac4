"""RabbitMQ with TLS."""

from urllib.parse import quote

from devkit.brokers.kinds.rabbitmq import RabbitMQ
from devkit.private_files import write_private
from devkit.process import Process

from .. import broker
from ..broker import TlsBroker
from ..certificates import ADDRESS

CLIENTS, MADE_BY, PLACES = broker.CLIENTS, broker.MADE_BY, broker.PLACES


class TlsRabbitMQ(RabbitMQ, TlsBroker):
    """A node that takes encrypted connections only."""

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
            f"ssl_options.verify = {'verify_peer' if self.client else 'verify_none'}",
            f"ssl_options.fail_if_no_peer_cert = {'true' if self.client else 'false'}",
        ]
        encrypted += [f"ssl_options.{name} = {self.pair.certificate}" for name in ("certfile", "keyfile")]
        encrypted += [f"ssl_options.cacertfile = {self.pair.authority}"]
        text = path.read_text(encoding="utf-8")
        assert plain in text
        write_private(path, text.replace(plain, "\n".join(encrypted)))
        return environ

    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return an address with its account."""
        url = f"amqps://{self.user}:{quote(self.password, safe='')}@{where}/{self.vhost}"
        return {"BROKER": self.name, "BROKER_URL": url, "BROKER_TLS_CA_FILE": authority}


SERVER = TlsRabbitMQ
