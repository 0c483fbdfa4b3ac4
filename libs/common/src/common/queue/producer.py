"""The queue: a send-only Celery app with publisher confirms and a bounded time budget.

It sends by name what a contract describes: the API does not import a task to send it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import kombu
from celery import Celery
from kombu import Connection

from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.metrics import count
from common.queue import tls
from common.queue.broker import kind_of
from common.queue.contract import LARGEST, Contract, Payload
from common.queue.metrics import PUBLISHES

# Seconds that one publish may take before it counts as failed.
PUBLISH_TIMEOUT = 3
# Seconds that each wait for the number of messages may take.
COUNT_TIMEOUT = 1
# Seconds after which a message that no worker fetched is dropped; the sweeper notifies again long before.
MESSAGE_EXPIRES = 900
# Celery would try to connect for six seconds; who sends here has a sweeper behind it and need not wait.
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that producer and worker share. Each departs from Celery's default for a reason.

    No result store: its outage would stop `send_task`, and the outcome stands in MongoDB. Confirms are off by default,
    and without read and write timeouts a confirm waits for ever for a frozen broker. JSON only: a pickle is code.
    """
    queue = f"{settings.project}.jobs"
    broker = tls.broker(settings)
    return {
        "broker_url": broker.address,
        "broker_use_ssl": broker.options,
        "broker_connection_timeout": PUBLISH_TIMEOUT,
        "broker_pool_acquire_timeout": PUBLISH_TIMEOUT,
        "broker_heartbeat": 10,
        "broker_transport_options": transport_options(settings, timeout=5),
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_send_sent_event": False,
        "task_default_queue": queue,
        "task_default_exchange": queue,
        "task_default_routing_key": queue,
        "task_create_missing_queues": False,
    }


def transport_options(settings: Settings, *, timeout: float) -> dict[str, Any]:
    """Return what the broker's driver is told; `timeout` is in seconds and bounds every single wait for the broker."""
    limit = settings.section(QueueSettings).task_time_limit
    return kind_of(settings).transport_options(settings.project, timeout=timeout, time_limit=limit)


class Queue:
    """Sends messages to the worker. Belongs to the process that made it; usable from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        name = f"{settings.project}-producer"
        config = celery_settings(settings)
        config["broker_transport_options"].update(ONE_TRY)
        # Named, it is not the exchange that leads to every queue.
        self._exchange: dict[str, Any] = {}
        if kind_of(settings).makes_queues and not settings.section(QueueSettings).broker_url.get_secret_value():
            queue = config["task_default_queue"]
            config["task_queues"] = [kombu.Queue(queue, kombu.Exchange(queue), routing_key=queue, no_declare=True)]
            self._exchange = {"exchange": queue, "routing_key": queue}
        # The connection of `count`, which it opens.
        self._channel: Any = None
        self._counting = ExitStack()
        self._app = Celery(name, set_as_current=False, config_source=config)

    def publish(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        """Send one message and wait for the broker's confirm, a few seconds at most.

        Raises kombu.exceptions.OperationalError or OSError when the broker did not confirm in time, and ValueError for
        a payload that every worker would refuse.
        """
        outcome = "failed"
        try:
            self._app.send_task(
                contract.name,
                kwargs=_arguments(contract, payload),
                headers={"request_id": request_id},
                expires=MESSAGE_EXPIRES,
                retry=False,
                timeout=PUBLISH_TIMEOUT,
                confirm_timeout=PUBLISH_TIMEOUT,
                **self._exchange,
            )
            outcome = "ok"
        finally:
            count(PUBLISHES, contract.name, outcome)

    def ping(self, *, timeout: float = 1) -> float:
        """Open a connection of its own to the broker, in one try, and return how many seconds that took.

        Raises OSError or one of the driver's errors when the broker is away.
        """
        started = time.monotonic()
        with self._connected(timeout):
            return time.monotonic() - started

    def waiting(self, *, timeout: float = 1) -> int:
        """Return how many messages were not fetched yet; asked on a connection of its own, in one try.

        Raises OSError or one of the driver's errors when the broker is away.
        """
        name = self._app.conf.task_default_queue
        with self._connected(timeout) as (transport, connection):
            return kind_of(self._settings).waiting(transport.create_channel(connection), name)

    def count(self) -> int:
        """Return the same as `waiting`, over a connection that stays open for the next time; for one thread.

        Raises OSError or one of the driver's errors when the broker is away.
        """
        try:
            if self._channel is None:
                transport, connection = self._counting.enter_context(self._connected(COUNT_TIMEOUT))
                self._channel = transport.create_channel(connection)
            return kind_of(self._settings).waiting(self._channel, self._app.conf.task_default_queue)
        except BaseException:
            self._channel = None
            self._counting.close()
            raise

    def broken_promises(self, *, timeout: float = 1) -> list[str]:
        """Return a line for each of the broker's own settings by which it may lose messages; asked as `waiting` asks.

        Raises OSError or one of the driver's errors when the broker is away.
        """
        name = self._app.conf.task_default_queue
        with self._connected(timeout) as (transport, connection):
            return kind_of(self._settings).broken_promises(transport.create_channel(connection), name)

    def close(self) -> None:
        """Close the connections."""
        self._counting.close()
        self._app.close()

    @contextmanager
    def _connected(self, timeout: float) -> Iterator[tuple[Any, Any]]:
        broker, options = tls.broker(self._settings), transport_options(self._settings, timeout=timeout)
        with Connection(
            broker.address, ssl=broker.options, connect_timeout=timeout, transport_options=options
        ) as connection:
            # Not `connect`, which tries twice with a pause of two seconds.
            transport = connection.transport
            established = transport.establish_connection()
            try:
                yield transport, established
            finally:
                transport.close_connection(established)


def _arguments(contract: Contract[Payload], payload: Payload) -> dict[str, Any]:
    arguments = payload.model_dump(mode="json")
    # The body of a message has some hundred bytes more.
    if len(json.dumps(arguments)) > LARGEST - 1024:
        raise ValueError(f"A message for {contract.name} is too large: keep the data in MongoDB, and send its id.")
    return arguments
