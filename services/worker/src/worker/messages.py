"""What a message of ours looks like, and what becomes of everything else that stands in the queue.

A client with access to the queue can put anything there, by mistake or on purpose. Celery and its drivers trust what
they read: some of it ends the worker's main process, some has another task run or another time limit hold. So a message
reaches Celery only if it is one that our publishers could have sent, and with nothing in it but what they send.
"""

import logging
import re
import time
from collections.abc import Collection
from typing import Annotated, Any, Literal

from celery.utils.time import maybe_iso8601
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter

from common.metrics import count
from common.queue.contract import LARGEST
from common.queue.metrics import REFUSED_MESSAGES

log = logging.getLogger(__name__)

# Lines in a minute for one reason; a flood of messages must not flood the log.
LINES, MINUTE = 10, 60.0


class RefusedError(Exception):
    """This is no message of ours; the reason is one of a few words, for it becomes a metric's label."""


class Refusals:
    """Counts what is refused and logs it, without its content, ten times a minute for each reason at most."""

    def __init__(self) -> None:
        self._lines: dict[str, list[float]] = {}

    def note(self, reason: str) -> None:
        """Take note of one more message that was refused."""
        count(REFUSED_MESSAGES, reason)
        now = time.monotonic()
        lines = self._lines.setdefault(reason, [])
        lines[:] = [at for at in lines if at > now - MINUTE]
        if len(lines) < LINES:
            lines.append(now)
            log.error("A message in the queue is refused and dropped: its %s is not ours.", reason)


REFUSALS = Refusals()


def _moment(text: str) -> str:
    maybe_iso8601(text)
    return text


def _request_id(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[\x20-\x7e]{1,200}", value) else "-"


Short = Annotated[str, Field(max_length=255)]
Moment = Annotated[Short, AfterValidator(_moment)]


class Strict(BaseModel):
    """What was read from the queue, types as they are."""

    # What is not declared is left out: a later Celery may send more, and none of it may decide anything here.
    model_config = ConfigDict(strict=True, extra="ignore")


class Head(Strict):
    """The headers that Celery is given. What would delay a message, shorten its time or begin another is refused."""

    lang: Literal["py"]
    task: Short
    id: Annotated[str, Field(min_length=1, max_length=255)]
    root_id: Short | None = None
    parent_id: Short | None = None
    expires: Moment | None = None
    eta: None = None
    group: None = None
    shadow: None = None
    compression: None = None
    retries: Literal[0] = 0
    timelimit: Annotated[list[None], Field(min_length=2, max_length=2)] | None = None
    request_id: Annotated[str, BeforeValidator(_request_id)] = "-"


class _Embedded(Strict):
    """What Celery would start when the task has ended: nothing."""

    callbacks: Annotated[list[None], Field(max_length=0)] | None = None
    errbacks: Annotated[list[None], Field(max_length=0)] | None = None
    chain: Annotated[list[None], Field(max_length=0)] | None = None
    chord: None = None


# No positional arguments: a contract names what it carries.
_BODY: TypeAdapter[Any] = TypeAdapter(
    tuple[Annotated[list[None], Field(max_length=0)], dict[str, JsonValue], _Embedded]
)


def check(message: Any, names: Collection[str]) -> None:
    """Leave nothing in a message of kombu's but what is ours. Raises RefusedError when it is not for one of `names`.

    The arguments are checked by the task itself, against its contract.
    """
    if not isinstance(message.body, bytes) or len(message.body) > LARGEST:
        raise RefusedError("size")
    if (message.content_type, message.content_encoding) != ("application/json", "utf-8"):
        raise RefusedError("content type")
    try:
        head = Head.model_validate(message.headers)
    except ValueError as error:
        raise RefusedError("headers") from error
    if head.task not in names:
        raise RefusedError("task")
    _check_body(message)
    message.headers, message.properties = head.model_dump(), {}


def _check_body(message: Any) -> None:
    try:
        # Celery's own reader follows any depth, and makes other types of what asks for it.
        _BODY.validate_json(message.body, strict=True)
        message.decode()
    except Exception as error:
        raise RefusedError("body") from error
