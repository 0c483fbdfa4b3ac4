"""Publish messages off the request path: a bounded queue and one thread.

A message may be dropped at any time. A durable job loses nothing by it, because the sweeper notifies the workers
again; a plain task is for work that may be lost. Therefore sending never waits and never fails.
"""

import logging
import queue
import threading
import time
from typing import Protocol

from common.metrics import count
from common.queue.contract import Contract, Payload
from common.queue.metrics import DROPPED_MESSAGES, PUBLISHES
from common.queue.skipping import Message, Skipping

log = logging.getLogger(__name__)

CAPACITY = 2000
# Seconds without a try after the broker failed, so that a broker that is away costs one time-out and not thousands.
BACKOFF = 1.0
# Seconds that a closing process gives to the messages that wait.
FLUSH = 2.0


class SendsMessages(Protocol):
    """A queue that waits for the broker; `common.queue.producer.Queue` is one."""

    def publish(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Send a message, and return when the broker has it. Raises what the broker's driver raises."""


class Publisher:
    """Publish messages in the background, in the process that made it.

    Its thread starts with the first message and ends with `close`. `skipping` tells which notifications need not be
    sent; without it all are.
    """

    def __init__(self, queue_: SendsMessages, skipping: Skipping | None = None) -> None:
        self._queue = queue_
        self._skipping = skipping or Skipping(lambda: 0)
        self._waiting: queue.Queue[Message | None] = queue.Queue(CAPACITY)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._paused_until = 0.0

    def send(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Send a message if possible; return at once, also when the broker is away."""
        self._put(Message(contract, payload, request_id))

    def notify(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Do the same for a message that only says that there is work; it is left out where enough messages wait."""
        self._put(Message(contract, payload, request_id, is_notification=True))

    def close(self) -> None:
        """Publish what waits, for two seconds at most, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            try:
                self._waiting.put(None, timeout=FLUSH)
            except queue.Full:
                return
            thread.join(FLUSH)

    def _put(self, message: Message) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            count(DROPPED_MESSAGES, message.contract.name)
            log.debug("The publisher is full; a message for %s is dropped.", message.contract.name)

    def _run(self) -> None:
        while (message := self._next()) is not None:
            if time.monotonic() < self._paused_until:
                continue
            if self._skipping.skips(message):
                count(PUBLISHES, message.contract.name, "skipped")
            else:
                self._publish(message)
        if (last := self._skipping.end()) is not None:
            self._publish(last)

    def _next(self) -> Message | None:
        """Wait for the next message, which may be one that was left out before; None when there will be no more."""
        seconds = self._skipping.seconds_left
        try:
            return self._skipping.end() if seconds == 0 else self._waiting.get(timeout=seconds)
        except queue.Empty:
            return self._skipping.end()

    def _publish(self, message: Message) -> None:
        try:
            self._queue.publish(message.contract, message.payload, request_id=message.request_id)
        except Exception as error:
            self._paused_until = time.monotonic() + BACKOFF
            log.warning("The broker did not take a message (%s); the sweeper will notify again.", type(error).__name__)
