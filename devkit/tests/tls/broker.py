"""What the brokers with TLS have in common."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from common.config import Settings
from common.queue.contract import JobPayload
from common.queue.producer import Queue
from jobs.model import JobKind
from testing.plugins.queue import up
from testing.servers import Servers

from .certificates import TlsServer

# The classes whose instances are connections, of whatever kind the broker is.
CLIENTS = ("Connection", "Celery", "WorkerApp")
MADE_BY = ("tls.", "celery_settings")
PLACES: tuple[str, ...] = ("producer.py", "app.py")

_KIND = JobKind("test.kind", "things")


def ask(settings: Settings) -> None:
    queue = Queue(settings)
    try:
        queue.publish(_KIND.contract, JobPayload(id="a"), request_id="r")
    finally:
        queue.close()


def ping(settings: Settings) -> None:
    queue = Queue(settings)
    try:
        queue.ping()
    finally:
        queue.close()


class TlsBroker(TlsServer):
    """A broker that takes encrypted connections only."""

    authority_key, certificate_key = "BROKER_TLS_CA_FILE", "BROKER_TLS_CERT_FILE"
    ways: ClassVar[Sequence[Callable[[Settings], None]]] = (ask, ping)

    @classmethod
    def start_plain(cls, servers: Servers) -> None:
        """Start one of its kind that speaks no TLS; skips the test where this machine has none."""
        up(servers, cls.name)

    @staticmethod
    def check_used(settings: Settings) -> None:
        """Fail unless the one message waits."""
        queue = Queue(settings)
        assert queue.waiting() == 1
        queue.close()

    @staticmethod
    def asking_less(environ: dict[str, str], option: str) -> dict[str, str]:
        """Return an address with an option that every kind understands."""
        less = {"authority": "ssl_cert_reqs=none", "name": "ssl_check_hostname=false"}
        return {**environ, "BROKER_URL": f"{environ['BROKER_URL']}?{less[option]}"}
