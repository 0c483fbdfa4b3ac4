"""Carry the request's id in the headers of messages, from the sender to the log lines of the task."""

from typing import Any

from celery import Task, signals

from common.logging import REQUEST_ID


def connect() -> None:
    """Listen to Celery's signals; may be called again."""
    signals.before_task_publish.connect(_send, weak=False, dispatch_uid="request_id.send")
    signals.task_prerun.connect(_begin, weak=False, dispatch_uid="request_id.begin")
    signals.task_postrun.connect(_end, weak=False, dispatch_uid="request_id.end")


def _send(headers: dict[str, Any], **_: Any) -> None:
    headers.setdefault("request_id", REQUEST_ID.get())


def _begin(task: Task[..., Any], **_: Any) -> None:
    REQUEST_ID.set(str(task.request.get("request_id") or "-"))


def _end(**_: Any) -> None:
    REQUEST_ID.set("-")
