import json
import logging
import re
from collections.abc import Iterator
from typing import Any, Literal, Protocol, TypeAlias

import pytest

from common.config import Settings
from common.logging import bind, setup

Environment: TypeAlias = Literal["development", "test", "production"]


class Lines(Protocol):
    """What the fixture `lines` is."""

    def __call__(self, environment: Environment, message: str, *arguments: object, **extra: Any) -> list[str]: ...


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Sets up logging as the given environment has it; answers the lines that were logged. Undone afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def logged(environment: Environment, message: str, *arguments: object, **extra: Any) -> list[str]:
        setup(Settings(environment=environment, log_level="INFO"), service="api")
        logging.getLogger("test").info(message, *arguments, **extra)
        return capsys.readouterr().err.splitlines()

    yield logged
    root.handlers[:], root.level = before


def test_people_read_a_line_with_the_id(lines: Lines) -> None:
    with bind(request_id="r1"):
        (line,) = lines("development", "Hello, %s.", "you", extra={"took_ms": 3})
    # Extensions add ids of their own.
    assert re.search(r"INFO    test \[r1( -)*\] Hello, you\. took_ms=3$", line)


def test_machines_read_one_object_a_line(lines: Lines) -> None:
    with bind(request_id="r1"):
        (line,) = lines("production", "two\nlines", extra={"odd": 1j, "many": {1}})
    found = json.loads(line)
    assert found["time"].endswith("+00:00")
    assert {name: found[name] for name in ("level", "message", "request_id", "service", "odd", "many")} == {
        "level": "INFO",
        "message": "two\nlines",
        "request_id": "r1",
        "service": "api",
        "odd": "1j",
        "many": [1],
    }


def test_half_a_character_is_logged_all_the_same(lines: Lines) -> None:
    (line,) = lines("production", "broken: %s", "\ud800")
    assert json.loads(line)["message"] == "broken: \ud800"


def test_a_stack_trace_stays_in_its_line(lines: Lines) -> None:
    try:
        int("broken")
    except ValueError:
        (line,) = lines("production", "failed", exc_info=True)
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_ids_end_with_their_block(lines: Lines) -> None:
    with bind(request_id="r1"), bind(request_id="r2"):
        pass
    (line,) = lines("development", "after")
    assert re.search(r"\[-( -)*\]", line)


def test_drivers_do_not_tell_their_commands_at_debug(lines: Lines) -> None:
    lines("development", "set up")
    assert logging.getLogger("pymongo.command").getEffectiveLevel() >= logging.INFO
