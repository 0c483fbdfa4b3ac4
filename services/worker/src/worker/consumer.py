"""Celery's consumer, which asks for a broker that is away every two seconds."""

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

# Seconds between two tries to connect: the first pause, what each adds, and the longest.
PAUSES = {"interval_start": 1, "interval_step": 1, "interval_max": 2}


class PromptConsumer(Consumer):
    """Is back soon after the broker is.

    Celery's own pauses grow by two seconds up to thirty and have no setting, so after a long outage a worker would be
    deaf for half a minute more.
    """

    def ensure_connected(self, conn: Any) -> Any:
        """Connects, and waits for the broker if need be."""
        conn.ensure_connection = partial(conn.ensure_connection, **PAUSES)
        return super().ensure_connected(conn)
