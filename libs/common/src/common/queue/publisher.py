"""Publish messages off the request path: a bounded queue and one thread.

A message may be dropped at any time. A durable job loses nothing by it, because the sweeper notifies the workers
again; a plain task is for work that may be lost. Therefore sending never waits and never fails.
"""

import logging
import queue
import threading
import time
from typing import Any, Protocol

from pydantic import BaseModel

from common.metrics import count
from common.queue.contract import Contract, Payload
from common.queue.metrics import DROPPED_MESSAGES

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

    Its thread starts with the first message and ends with `close`.
    """

    def __init__(self, queue_: SendsMessages) -> None:
        self._queue = queue_
        self._waiting: queue.Queue[tuple[Contract[Any], BaseModel, str] | None] = queue.Queue(CAPACITY)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._paused_until = 0.0

    def send(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Send a message if possible; return at once, also when the broker is away."""
        self._started()
        try:
            self._waiting.put_nowait((contract, payload, request_id))
        except queue.Full:
            count(DROPPED_MESSAGES, contract.name)
            log.debug("The publisher is full; a message for %s is dropped.", contract.name)

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

    def _started(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (message := self._waiting.get()) is not None:
            if time.monotonic() >= self._paused_until:
                self._publish(*message)

    def _publish(self, contract: Contract[Any], payload: BaseModel, request_id: str) -> None:
        try:
            self._queue.publish(contract, payload, request_id=request_id)
        except Exception as error:
            self._paused_until = time.monotonic() + BACKOFF
            log.warning("The broker did not take a message (%s); the sweeper will notify again.", type(error).__name__)
