"""Turns each kind of durable job into a Celery task whose only argument is the job's id."""

import logging
from collections.abc import Callable
from typing import Any

from celery import Celery, Task
from pydantic import ValidationError
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.contract import JobPayload
from common.jobs.model import JobKind, JobPolicy
from common.jobs.runner import Work, run_job
from common.jobs.store import JobStore
from common.mongo import Document

log = logging.getLogger(__name__)


class JobTasks:
    """The registry that a feature's `register(jobs)` is handed."""

    def __init__(self, app: Celery, settings: Settings, clients: Clients) -> None:
        self.settings = settings
        self.kinds: dict[str, JobKind] = {}
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
                try:
                    payload = JobPayload.model_validate(arguments)
                except ValidationError as error:
                    log.error("A message for %s is not readable: %d errors.", kind.name, error.error_count())  # noqa: TRY400 - the values are not ours to log
                    return
                store = JobStore(self.database[kind.collection], JobPolicy.of(self.settings))
                run_job(store, kind, payload.id, work, owner=str(task.request.hostname))

            # Not shared: Celery would else add the task to every other app of this process too.
            self._app.task(name=kind.name, bind=True, shared=False)(run)
            self.kinds[kind.name] = kind
            return work

        return register
