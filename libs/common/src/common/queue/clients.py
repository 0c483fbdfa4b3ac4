"""The clients of a process that sends messages: the queue and its publisher beside MongoDB."""

from collections.abc import Callable

from common.clients import PING_TIMEOUT, Clients, Ping, measured
from common.queue.producer import Queue
from common.queue.publisher import Publisher
from common.queue.skipping import Skipping


class QueueClients(Clients):
    """MongoDB, the queue and the publisher of one process."""

    @property
    def queue(self) -> Queue:
        """Sends messages and waits for the broker's confirm; not for the path of a request."""
        return self.parts.opened(Queue, lambda: Queue(self.settings))

    @property
    def publisher(self) -> Publisher:
        """Sends messages off the request path; never waits, never fails."""
        return self.parts.opened(Publisher, lambda: Publisher(self.queue, Skipping(self.queue.count)))

    def ping(self) -> dict[str, Ping]:
        """Ask each part whether it is there; take about a second for a part that is not."""
        return {**super().ping(), "broker": self.ping_broker()}

    def promises(self) -> dict[str, Callable[[], list[str]]]:
        """Return for each server what looks at its own settings."""
        return {**super().promises(), "broker": self.queue.broken_promises}

    def ping_broker(self) -> Ping:
        """Ask the broker alone."""
        return measured(lambda: self.queue.ping(timeout=PING_TIMEOUT))


def queue_clients(clients: Clients) -> QueueClients:
    """Return the same clients with the queue beside them; both share what one of them opens."""
    return clients if isinstance(clients, QueueClients) else QueueClients(clients.settings, clients.parts)
