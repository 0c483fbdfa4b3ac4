"""Turns each kind of durable job into a Celery task whose only argument is the job's id, and declares plain tasks."""

import json
import logging
from collections.abc import Callable
from math import ceil
from typing import Any

from celery import Celery, Task
from pydantic import ValidationError
from pymongo.database import Database

from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.metrics import count
from common.migrations.standing import Fitness
from common.mongo import Document
from common.queue.clients import QueueClients
from common.queue.contract import Contract, Payload
from common.queue.metrics import REFUSED_MESSAGES
from jobs.model import JobKind
from jobs.runner import Work
from worker.drain import Drain
from worker.request import JobRequest, WorkerRequest

log = logging.getLogger(__name__)

# Seconds that work gets to stop when its time is over, before its process is killed.
KILL_AFTER = 10

PlainWork = Callable[[Payload], None]


class JobTasks:
    """The registry that a feature's `register(jobs)` is handed."""

    def __init__(self, app: Celery, settings: Settings, clients: QueueClients, fitness: Fitness) -> None:
        self.settings = settings
        self.kinds: dict[str, JobKind] = {}
        # What a message may be for.
        self.names: set[str] = set()
        self._app = app
        self.clients = clients
        self._works: dict[str, Work] = {}
        self._drain = Drain(clients, self.kinds, self._works, fitness)

    @property
    def database(self) -> Database[Document]:
        """The product's database, on this process's own connection."""
        return self.clients.database

    def work(self, kind: JobKind) -> Callable[[Work], Work]:
        """Register the work of one kind of job; it runs when a message notifies of such a job."""

        def register(work: Work) -> Work:
            def run(task: Task[..., None], /, **arguments: Any) -> None:
                if payload := _read(kind.contract, arguments):
                    self._drain.run(kind, payload.id, owner=str(task.request.hostname))

            # Not shared: Celery would else add the task to every other app of this process too.
            self._app.task(name=kind.name, bind=True, shared=False, Request=JobRequest)(run)
            self.kinds[kind.name], self._works[kind.name] = kind, work
            self.names.add(kind.name)
            return work

        return register

    def task(self, contract: Contract[Payload]) -> Callable[[PlainWork[Payload]], PlainWork[Payload]]:
        """Decorate the work of a plain task, for what may be lost: it runs at most once for each message.

        Its message is acknowledged before it begins, so what kills its process is not tried again and again.
        """

        def register(work: PlainWork[Payload]) -> PlainWork[Payload]:
            def run(**arguments: Any) -> None:
                if payload := _read(contract, arguments):
                    work(payload)

            limit = ceil(self.settings.section(QueueSettings).task_time_limit)
            task = self._app.task(
                name=contract.name,
                shared=False,
                Request=WorkerRequest,
                soft_time_limit=limit,
                time_limit=limit + KILL_AFTER,
            )
            task(run)
            self.names.add(contract.name)
            return work

        return register


def _read(contract: Contract[Payload], arguments: dict[str, Any]) -> Payload | None:
    try:
        # As JSON, for that is what came: a strict model takes a date from it, and no other text for a number.
        return contract.payload.model_validate_json(json.dumps(arguments))
    except ValidationError as error:
        count(REFUSED_MESSAGES, "arguments")
        log.error("A message for %s is not readable: %d errors.", contract.name, error.error_count())  # noqa: TRY400 - the values are not ours to log
        return None
