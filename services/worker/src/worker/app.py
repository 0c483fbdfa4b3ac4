"""The composition root of the worker and the beat."""

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

from celery import Celery, signals

import domain
from common import tls
from common.config import Settings
from common.discovery import modules_of
from common.environment import clean
from common.extensions.queue.settings import QueueSettings
from common.feature import Feature, FeatureError, features_of
from common.logging import setup
from common.migrations.standing import Fitness
from common.promises import Promises
from common.queue import tls as queue_tls
from common.queue.broker import kind_of
from common.queue.clients import QueueClients
from common.queue.producer import celery_settings
from jobs.declared import check_work, job_kinds, schedules
from jobs.ticks import Schedule
from worker import tasks, tracing
from worker.drain import WINDOW
from worker.jobs import KILL_AFTER, JobTasks
from worker.lifecycle import Lifecycle


class WorkerApp(Celery):
    """A Celery app that carries what belongs to it; the beat's scheduler, for one, is given nothing but the app."""

    settings: Settings
    jobs: JobTasks
    # Whose migrations the database has to have.
    features: Sequence[Feature]
    # When the beat inserts which ticks.
    schedules: list[Schedule]
    # The name that its log lines bear.
    service = "worker"

    # Both are cached properties in the base class too, but kombu's, which checkers do not take for the same.
    @cached_property
    def Worker(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # noqa: N802 - Celery named it
        """What `celery worker` makes, before it connects to anything."""
        # The command line turns BROKER_URL into Celery's own variable, which would win over what was made of it.
        clean(os.environ)
        return super().Worker

    @cached_property
    def Beat(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # noqa: N802 - Celery named it
        """What `celery beat` makes, before it sets up logging and logs anything."""
        clean(os.environ)
        self.service = "beat"
        return super().Beat


def create_worker(
    settings: Settings,
    clients: QueueClients | None = None,
    *,
    features: Sequence[Feature] | None = None,
    task_modules: Iterable[ModuleType] | None = None,
) -> WorkerApp:
    """Return a Celery app with the tasks of the product's features unless others are given; it connects to nothing.

    Every module in `worker.tasks` registers its work by `register(jobs)`; a test may give others. `clients` serve the
    tasks. The worker's main process has clients of its own, for none may be shared over a fork. Raises FeatureError.
    """
    features = features_of(domain) if features is None else features
    kinds = job_kinds(features)
    config = {**celery_settings(settings), **worker_settings(settings)}
    app = WorkerApp(settings.project, config_source=config)
    app.settings = settings
    app.features = features
    clients = clients or QueueClients(settings)
    app.jobs = JobTasks(app, settings, clients, Fitness(lambda: clients.database, features, Promises(lambda: clients)))
    app.schedules = schedules(kinds.values(), settings)
    for module in modules_of(tasks) if task_modules is None else task_modules:
        if not hasattr(module, "register"):
            raise FeatureError(f"{module.__name__} registers no work. Write it there: def register(jobs).")
        module.register(app.jobs)
    check_work(kinds, app.jobs.kinds)
    Lifecycle(settings, app.jobs.kinds, features).connect()
    tracing.connect()

    def set_up_logging(**_: Any) -> None:
        setup(settings, service=app.service)
        tls.warn(settings)
        queue_tls.warn(settings)

    def close_clients(**_: Any) -> None:
        app.jobs.clients.close()

    signals.setup_logging.connect(set_up_logging, weak=False)
    signals.worker_process_shutdown.connect(close_clients, weak=False)
    return app


def worker_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings of the consuming side. Each departs from Celery's default for a reason.

    Messages are acknowledged early, so no time limit of a broker is one of the work; the job is in MongoDB, and comes
    back from there. No message is fetched that no child is free for: those that wait behind long work would have to be
    acknowledged, too. A durable job stops itself at its time limit, for a message may stand for several. An error of a
    channel is followed by a new connection, not by the end of the worker. Without remote control, events and gossip,
    the broker's account needs one queue and nothing else.
    """
    queue = settings.section(QueueSettings)
    return {
        "task_acks_late": False,
        "task_time_limit": queue.task_time_limit + KILL_AFTER + WINDOW,
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": not kind_of(settings).pushes,
        "worker_enable_prefetch_count_reduction": False,
        "worker_concurrency": queue.worker_concurrency,
        "worker_pool": "prefork",
        "worker_consumer": "worker.consumer:PromptConsumer",
        "broker_channel_error_retry": True,
        "worker_enable_remote_control": False,
        "beat_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_redirect_stdouts": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
    }
