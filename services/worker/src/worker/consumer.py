"""Celery's consumer, which takes only messages of ours, only what it can begin, and is soon back after its broker."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from celery.worker import state
from celery.worker.consumer import Consumer
from kombu.common import ignore_errors

from worker.messages import REFUSALS, RefusedError, check
from worker.pausing import Pausable
from worker.request import acknowledgement_failed
from worker.transports import checking

# Seconds between two tries to connect: the first backoff, what each adds, and the longest.
RECONNECT_BACKOFF = {"interval_start": 1, "interval_step": 1, "interval_max": 2}
# Seconds in which the event loop turns, also when nothing happens.
TURN = 1.0


class PromptConsumer(Consumer):
    """Takes a message only when a child is free to work on it, and acknowledges it before the work begins.

    So no message waits here behind long work, and none is held longer than the broker allows: it may close the channel
    of a consumer that does that for half an hour, or deliver the message again.

    Celery's own pauses between two tries to connect grow by two seconds up to thirty and have no setting, so after a
    long outage a worker would be deaf for half a minute more.
    """

    # Celery's own, whose types are not declared.
    connection_errors: tuple[type[Exception], ...]
    task_consumer: Any
    hub: Any
    amqheartbeat: float | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # When the event loop last turned, and when a message last came; on the monotonic clock.
        self.turned_at = self.received_at = time.monotonic()
        self._loss: Exception | None = None
        acknowledgement_failed.connect(self._lose, weak=False)

    @property
    def busy(self) -> bool:
        """Whether every child has work."""
        return bool(len(state.reserved_requests) >= self.pool.num_processes)

    def ensure_connected(self, conn: Any) -> Any:
        """Connect, and waits for the broker if need be."""
        conn.ensure_connection = partial(conn.ensure_connection, **RECONNECT_BACKOFF)
        conn.get_transport_cls = partial(checking, conn.get_transport_cls())
        return super().ensure_connected(conn)

    def connect(self) -> Any:
        """Connect, and have the event loop read; close what the broker then refuses to serve.

        Celery's own method forgets such a connection, and a new one is made several times in a second.
        """
        conn = self.connection_for_read(heartbeat=self.amqheartbeat)
        if self.hub:
            try:
                conn.transport.register_with_event_loop(conn.connection, self.hub)
            except Exception:
                ignore_errors(conn, conn.close)
                raise
        return conn

    def register_with_event_loop(self, hub: Any) -> None:
        """Have the loop ask at each turn whether there is a child for another message; it turns once a second."""
        super().register_with_event_loop(hub)
        hub.on_tick.add(self._turn)
        hub.call_repeatedly(TURN, self._turn)

    def create_task_handler(self, *arguments: Any, **options: Any) -> Callable[[Any], None]:
        """Return what is done with each message."""
        names = self.app.jobs.names  # type: ignore[attr-defined] # it is a WorkerApp
        handle = super().create_task_handler(*arguments, **options)

        def on_message(message: Any) -> None:
            self.received_at = time.monotonic()
            try:
                check(message, names)
            except RefusedError as error:
                REFUSALS.note(str(error))
                # Not by the method that only logs a lost connection: nothing else may tell of it.
                message.reject()
                return
            if self.busy:
                # It was under way when the last child got work.
                # Another worker may be idle; this one pauses first, or it would come back.
                self._regulate()
                message.reject(requeue=True)
                return
            handle(message)
            # Before the acknowledgement, which lets the broker send another one.
            self._regulate()

        return on_message

    def _lose(self, sender: Exception, **_: Any) -> None:
        self._loss = sender

    def _turn(self) -> None:
        self.turned_at = time.monotonic()
        if self._loss is not None:
            # In the event loop it ends the connection, and Celery makes another one.
            loss, self._loss = self._loss, None
            raise loss
        self._regulate()

    def _regulate(self) -> None:
        # Another driver asks for one message at a time, and only when it may: `worker_disable_prefetch`.
        channel = self.task_consumer and self.task_consumer.channel
        if isinstance(channel, Pausable) and channel.is_open:
            if self.busy:
                channel.pause()
            else:
                channel.resume()
