"""Whether a worker works, as far as it can know itself: a sign of life that shows no life is worse than none.

A worker that is busy with long work is healthy. It is not when messages wait that it could take and it takes none, for
its connection or its event loop is dead without saying so; nor when its sweeps fail, for MongoDB or the broker is away;
nor when the database is not fit for its code.
"""

import logging
import time

from common.migrations.standing import Fitness
from common.queue.producer import Queue
from jobs.heartbeat import Heartbeat
from worker.consumer import PromptConsumer

log = logging.getLogger(__name__)

# Seconds of trouble after which a worker is unhealthy.
PATIENCE = 60.0
# Seconds between two looks at what waits in the broker, and those in which a live event loop turns.
LOOK, TURN = 5.0, 10.0


class Health:
    """What the sweeper's rounds and the consumer's messages tell; each round is passed on as a sign of life."""

    def __init__(self, heartbeat: Heartbeat, queue: Queue, consumer: PromptConsumer, fitness: Fitness) -> None:
        self._heartbeat, self._queue, self._consumer, self._fitness = heartbeat, queue, consumer, fitness
        self._swept_at = self._consumed_at = time.monotonic()
        self._looked_at, self._waiting = 0.0, 0
        self._unhealthy = ""

    def note(self, swept: bool) -> None:  # noqa: FBT001 - the sweeper's word on its round
        """Take note of a round of the sweeper."""
        now = time.monotonic()
        if swept:
            self._swept_at = now
        if now - self._looked_at >= LOOK:
            self._look(now)
            self._looked_at = time.monotonic()
        deaf, failing = now - self._consumed_at >= PATIENCE, now - self._swept_at >= PATIENCE
        if deaf:
            reason = f"takes no messages, though {self._waiting} wait"
        elif failing:
            reason = "its sweeps fail, for MongoDB or the broker is away"
        else:
            reason = self._fitness.recent()
        self._tell(reason)
        self._heartbeat.beat(reason, waiting=not deaf)

    def _look(self, now: float) -> None:
        """Everything is well when nothing waits, a message came, or a consumer that is alive has no child for one."""
        consumer = self._consumer
        try:
            self._waiting = self._queue.waiting()
        except Exception as error:
            # A broker that cannot be reached cannot be consumed from; its sweeps fail when something is due.
            log.debug("The length of the queue is unknown (%s).", type(error).__name__)
            self._waiting = 0
        busy = consumer.busy and now - consumer.turned_at < TURN
        if not self._waiting or consumer.received_at > self._looked_at or busy:
            self._consumed_at = now

    def _tell(self, reason: str) -> None:
        # The number of messages may change with each look.
        if bool(reason) != bool(self._unhealthy):
            if reason:
                log.error("This worker is unhealthy: %s.", reason)
            else:
                log.warning("This worker is healthy again.")
        self._unhealthy = reason
