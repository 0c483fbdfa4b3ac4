import pytest
from celery.exceptions import QueueNotFound

from common import heartbeat
from common.config import Settings
from jobs import keys
from jobs.ticks import COLLECTION
from worker.app import create_worker
from worker.features import INDEXES, SECTIONS, TASK_MODULES


@pytest.fixture
def app():
    return create_worker(Settings(project="p", task_time_limit=60))


def test_each_feature_has_its_tasks_without_being_registered_anywhere(app):
    assert {name for name in app.tasks if not name.startswith("celery.")} == {"report.compute", "report.purge"}
    assert set(app.jobs.kinds) == {"report.compute", "report.purge"}


def test_schedules_come_from_the_features_and_their_settings():
    settings = Settings.load({"REPORT_PURGE_EVERY": "60"}, env_files=(), sections=SECTIONS)
    (schedule,) = [schedule for module in TASK_MODULES for schedule in module.schedules(settings)]
    assert (schedule.kind.name, schedule.every) == ("report.purge", 60)


def test_indexes_come_from_the_features():
    assert {indexes.collection for indexes in INDEXES} == {"reports", COLLECTION, keys.COLLECTION, heartbeat.COLLECTION}


def test_unknown_queues_are_refused(app):
    with pytest.raises(QueueNotFound):
        app.amqp.router.route({"queue": "nowhere"}, "report.compute")


def test_no_message_waits_for_the_work_or_behind_it(app):
    assert (app.conf.task_acks_late, app.conf.worker_disable_prefetch) == (False, True)
    assert (app.conf.worker_prefetch_multiplier, app.conf.worker_pool) == (1, "prefork")
    # A job stops itself after 60 seconds; one that its child began a second after the message's job has as long.
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (None, 71)


def test_nothing_but_json_is_read(app):
    assert app.conf.accept_content == ["json"]
