"""Logs: one line per event, for people in development and as JSON in production, with the ids of request and job."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from common.config import Settings

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
JOB_ID: ContextVar[str] = ContextVar("job_id", default="-")

# At DEBUG the drivers tell of every command and connection, credentials among them. Celery tells at INFO of every
# message it receives and every task it ends, which the jobs' own lines say better.
QUIET = {
    "pymongo": logging.INFO,
    "amqp": logging.INFO,
    "celery.worker.strategy": logging.WARNING,
    "celery.app.trace": logging.WARNING,
}

# What a log record carries by itself; anything else came in by `extra=` and belongs into the line.
_BUILT_IN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request_id", "job_id", "taskName"}


@contextmanager
def bind(*, request_id: str | None = None, job_id: str | None = None) -> Iterator[None]:
    """Put a request's or a job's id into every log line of this thread or task, until the block ends."""
    values = ((REQUEST_ID, request_id), (JOB_ID, job_id))
    tokens = [(variable, variable.set(value)) for variable, value in values if value is not None]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def setup(settings: Settings, *, service: str) -> None:
    """Send every record of this process to standard error, one line each. May be called again."""
    formatter = JsonFormatter(service, settings.version) if settings.environment == "production" else HumanFormatter()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_add_ids)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))


def _add_ids(record: logging.LogRecord) -> bool:
    record.request_id, record.job_id = REQUEST_ID.get(), JOB_ID.get()
    return True


class HumanFormatter(logging.Formatter):
    """`12:00:00.123 INFO  api.edge [request job] message`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s [%(request_id)s %(job_id)s] %(message)s")
        self.datefmt = "%H:%M:%S"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class named it
        """Return the line, with what came in by `extra=` behind the message."""
        extra = "".join(f" {key}={value}" for key, value in _extra(record).items())
        return super().formatMessage(record) + extra


class JsonFormatter(logging.Formatter):
    """One JSON object per record; time in RFC 3339, UTC."""

    def __init__(self, service: str, version: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "version": version}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON; what JSON cannot hold is written as text."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            "job_id": getattr(record, "job_id", "-"),
            **self._fixed,
            **_extra(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _BUILT_IN}
