"""Sends messages off the request path: a bounded queue and one thread that publishes.

A message may be dropped at any time. For a durable job that is no loss, for the sweeper rings again; a plain task is
for what may be lost. So sending never waits and never fails.
"""

import logging
import queue
import threading
import time
from typing import Any

from pydantic import BaseModel

from common.contract import Contract, JobPayload, Payload
from common.jobs.model import JobKind
from common.metrics import DROPPED_MESSAGES, count
from common.queue import Queue

log = logging.getLogger(__name__)

CAPACITY = 2000
# Seconds without a try after the broker failed, so that a broker that is away costs one time-out and not thousands.
PAUSE = 1.0
# Seconds a closing process gives to the rings that wait.
FLUSH = 2.0


class Doorbell:
    """Belongs to the process that made it; its thread starts with the first ring and ends with `close`."""

    def __init__(self, queue_: Queue) -> None:
        self._publisher = queue_
        self._waiting: queue.Queue[tuple[Contract[Any], BaseModel, str] | None] = queue.Queue(CAPACITY)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._muted_until = 0.0

    def ring(self, kind: JobKind, job_id: str, *, request_id: str) -> None:
        """Tells the workers of a durable job; returns at once, also when the broker is away."""
        self.send(kind.contract, JobPayload(id=job_id), request_id=request_id)

    def send(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Sends the message of a plain task, if it can; returns at once, also when the broker is away."""
        self._started()
        try:
            self._waiting.put_nowait((contract, payload, request_id))
        except queue.Full:
            count(DROPPED_MESSAGES, contract.name)
            log.debug("The doorbell is full; a message for %s is dropped.", contract.name)

    def close(self) -> None:
        """Publishes what waits, for two seconds at most, and ends the thread."""
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
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (message := self._waiting.get()) is not None:
            if time.monotonic() >= self._muted_until:
                self._publish(*message)

    def _publish(self, contract: Contract[Any], payload: BaseModel, request_id: str) -> None:
        try:
            self._publisher.publish(contract, payload, request_id=request_id)
        except Exception as error:
            self._muted_until = time.monotonic() + PAUSE
            log.warning("The broker did not take a ring (%s); the sweeper will ring again.", type(error).__name__)
