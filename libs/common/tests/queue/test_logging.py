"""The id of a job in the lines of the log."""

import json
import logging
from collections.abc import Iterator

import pytest

from common.config import Settings
from common.logging import bind, setup


@pytest.fixture(autouse=True)
def _undone() -> Iterator[None]:
    """Logging as it was before."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_people_read_a_line_with_both_ids(capsys: pytest.CaptureFixture[str]) -> None:
    setup(Settings(log_level="INFO"), service="api")
    with bind(request_id="r1", job_id="j1"):
        logging.getLogger("test").info("Hello, %s.", "you", extra={"took_ms": 3})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("INFO    test [r1 j1] Hello, you. took_ms=3")


def test_machines_read_the_id_also_where_there_is_no_job(capsys: pytest.CaptureFixture[str]) -> None:
    setup(Settings(environment="production", log_level="INFO"), service="api")
    logging.getLogger("test").info("none")
    with bind(request_id="r1"), bind(job_id="j1"):
        logging.getLogger("test").info("some")
    logging.getLogger("test").info("after")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["request_id"], line["job_id"]) for line in lines] == [("-", "-"), ("r1", "j1"), ("-", "-")]


def test_drivers_do_not_tell_their_commands_at_debug() -> None:
    setup(Settings(log_level="DEBUG"), service="api")
    assert logging.getLogger("amqp").getEffectiveLevel() >= logging.INFO
