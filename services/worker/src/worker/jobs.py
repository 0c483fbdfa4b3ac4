"""Turns each kind of durable job into a Celery task whose only argument is the job's id, and declares plain tasks."""

import json
import logging
from collections.abc import Callable
from typing import Any

from celery import Celery, Task
from pydantic import ValidationError
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.contract import Contract, Payload
from common.jobs.model import JobKind, JobPolicy
from common.jobs.runner import Work, run_job
from common.jobs.store import JobStore
from common.metrics import REFUSED_MESSAGES, count
from common.mongo import Document
from worker.request import JobRequest

log = logging.getLogger(__name__)

PlainWork = Callable[[Payload], None]


class JobTasks:
    """The registry that a feature's `register(jobs)` is handed."""

    def __init__(self, app: Celery, settings: Settings, clients: Clients) -> None:
        self.settings = settings
        self.kinds: dict[str, JobKind] = {}
        # What a message may be for.
        self.names: set[str] = set()
        self._app = app
        self.clients = clients

    @property
    def database(self) -> Database[Document]:
        """The product's database, on this process's own connection."""
        return self.clients.database

    def work(self, kind: JobKind) -> Callable[[Work], Work]:
        """Decorates the work of one kind of job; it runs when a message rings for such a job."""

        def register(work: Work) -> Work:
            def run(task: Task[..., None], /, **arguments: Any) -> None:
                if payload := _read(kind.contract, arguments):
                    store = JobStore(self.database[kind.collection], JobPolicy.of(self.settings))
                    run_job(store, kind, payload.id, work, owner=str(task.request.hostname))

            # Not shared: Celery would else add the task to every other app of this process too.
            self._app.task(name=kind.name, bind=True, shared=False, Request=JobRequest)(run)
            self.kinds[kind.name] = kind
            self.names.add(kind.name)
            return work

        return register

    def task(self, contract: Contract[Payload]) -> Callable[[PlainWork[Payload]], PlainWork[Payload]]:
        """Decorates the work of a plain task, for what may be lost: it runs at most once for each message.

        Its message is acknowledged before it begins, so what kills its process is not tried again and again.
        """

        def register(work: PlainWork[Payload]) -> PlainWork[Payload]:
            def run(**arguments: Any) -> None:
                if payload := _read(contract, arguments):
                    work(payload)

            self._app.task(name=contract.name, shared=False)(run)
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
