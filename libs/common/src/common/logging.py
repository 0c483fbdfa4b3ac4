"""Logs: one line per event, for people in development and as JSON in production, with ids, such as a request's."""

import json
import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache

from pydantic_core import to_json

from common import extensions
from common.config import Settings

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")

# At DEBUG the driver tells of every command and connection, credentials among them.
QUIET = {"pymongo": logging.INFO}

# What a log record carries by itself; anything else came in by `extra=` and belongs into the line.
_BUILT_IN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


@cache
def ids() -> Mapping[str, ContextVar[str]]:
    """Return the ids that stand in every line, by their names."""
    return {"request_id": REQUEST_ID, **dict(pair for each in extensions.found() for pair in each.log_ids.items())}


@cache
def _not_extra() -> Collection[str]:
    return _BUILT_IN | ids().keys()


@contextmanager
def bind(**values: str) -> Iterator[None]:
    """Put ids, such as `request_id`, into every log line of this thread or task, until the block ends."""
    known = ids()
    tokens = [(known[name], known[name].set(value)) for name, value in values.items()]
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
    # No line tells these, or where it was written, and each record would ask (the logging manual, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the manual names it
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    added = [pair for each in extensions.found() for pair in each.quiet.items()]
    for name, level in [*QUIET.items(), *added]:
        logging.getLogger(name).setLevel(max(level, root.level))


def _add_ids(record: logging.LogRecord) -> bool:
    for name, variable in ids().items():
        setattr(record, name, variable.get())
    return True


class HumanFormatter(logging.Formatter):
    """`12:00:00.123 INFO  web.request_guards [ids] message`."""

    def __init__(self) -> None:
        shown = " ".join(f"%({name})s" for name in ids())
        super().__init__(f"%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s [{shown}] %(message)s")
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
        """Return the record as one line of JSON; what JSON cannot hold is written as a list or as text."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: getattr(record, name, "-") for name in ids()},
            **self._fixed,
            **_extra(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return to_json(line, fallback=str).decode()
        except ValueError:
            # Half a character, which is no text.
            return json.dumps(line, default=str)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    own = _not_extra()
    return {key: value for key, value in record.__dict__.items() if key not in own}
