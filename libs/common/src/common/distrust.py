"""Why a server of MongoDB is not trusted, in the log: to callers the driver tells of a timeout only."""

import logging

from pymongo.monitoring import (
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)

log = logging.getLogger(__name__)


class Distrust(ServerHeartbeatListener):
    """Logs why TLS to a server failed, once until it is trusted."""

    def __init__(self) -> None:
        self._told: set[tuple[str, int | None]] = set()

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """Tell of it when TLS is the reason; the driver keeps the words of that error, and nothing else of it."""
        reason, _, _ = str(event.reply).partition(" (")
        if "[SSL: " in reason and event.connection_id not in self._told:
            self._told.add(event.connection_id)
            log.error("MongoDB is not used: %s.", reason)

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """Forget that."""
        self._told.discard(event.connection_id)

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """Nothing is known yet."""
