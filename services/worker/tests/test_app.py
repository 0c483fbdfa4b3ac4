from types import ModuleType

import pytest
from celery.exceptions import QueueNotFound

import domain
from common import brokers
from common.broker import BrokerKind
from common.config import Settings
from common.feature import FeatureError, features_of, sections
from jobs.declared import job_kinds
from testing.example import EXAMPLE, TICK, WORK
from worker.app import WorkerApp, create_worker

from . import example_tasks


def load(environ: dict[str, str]) -> Settings:
    return Settings.load(environ, env_files=(), sections=sections([EXAMPLE]))


@pytest.fixture
def app() -> WorkerApp:
    return create_worker(
        load({"PROJECT": "p", "TASK_TIME_LIMIT": "60"}), features=[EXAMPLE], task_modules=[example_tasks]
    )


def task_names(app: WorkerApp) -> set[str]:
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_each_feature_has_its_tasks_without_being_registered_anywhere(app: WorkerApp) -> None:
    assert task_names(app) == set(app.jobs.kinds) == {"example.work", "example.tick"}


def test_the_product_has_a_task_for_each_of_its_jobs() -> None:
    features = features_of(domain)
    app = create_worker(Settings.load({}, env_files=(), sections=sections(features)))
    assert task_names(app) == set(job_kinds(features))


def test_schedules_come_from_the_features_and_their_settings() -> None:
    settings = load({"EXAMPLE_TICK_EVERY": "60"})
    app = create_worker(settings, features=[EXAMPLE], task_modules=[example_tasks])
    assert [(schedule.kind, schedule.every) for schedule in app.schedules] == [(TICK, 60)]


def test_a_job_without_a_task_does_not_start() -> None:
    with pytest.raises(FeatureError, match=r"^example: no task works on example\.work"):
        create_worker(load({}), features=[EXAMPLE], task_modules=[])


def test_a_task_without_a_declared_job_does_not_start() -> None:
    with pytest.raises(FeatureError, match=r"^example: example\.work is not declared"):
        create_worker(load({}), features=[], task_modules=[example_tasks])


def test_a_module_that_registers_nothing_does_not_start() -> None:
    with pytest.raises(FeatureError, match=r"^tasks\.wrong registers no work"):
        create_worker(load({}), features=[], task_modules=[ModuleType("tasks.wrong")])


def test_unknown_queues_are_refused(app: WorkerApp) -> None:
    with pytest.raises(QueueNotFound):
        app.amqp.router.route({"queue": "nowhere"}, WORK.name)


@pytest.mark.parametrize("kind", brokers.kinds())
def test_a_message_is_asked_for_where_the_broker_does_not_push(kind: BrokerKind) -> None:
    app = create_worker(load({"BROKER": kind.name}), features=[EXAMPLE], task_modules=[example_tasks])
    assert app.conf.worker_disable_prefetch is not kind.pushes


def test_no_message_waits_for_the_work_or_behind_it(app: WorkerApp) -> None:
    assert app.conf.task_acks_late is False
    assert (app.conf.worker_prefetch_multiplier, app.conf.worker_pool) == (1, "prefork")
    # A job stops itself after 60 seconds; one that its child began a second after the message's job has as long.
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (None, 71)


def test_nothing_but_json_is_read(app: WorkerApp) -> None:
    assert app.conf.accept_content == ["json"]
