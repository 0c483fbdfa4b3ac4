"""Messages as the worker's main process sees them: what it must not overlook."""

from typing import Any

from celery import Task
from celery.utils.dispatch import Signal
from celery.worker.request import Request

# Sent in the main process; the sender is the name of the task, `job_id` what the message rang for.
job_abandoned = Signal(name="job_abandoned", providing_args=["job_id"])


class WorkerRequest(Request):
    """A message that a child works on. Its acknowledgement may fail, and then the connection is made anew.

    Celery only logs that. Yet a worker whose children were all busy when Valkey went away has fetched all it may, so it
    does not listen; it learns of the loss by nothing else, and would be deaf for good.
    """

    def __init__(self, message: Any, **options: Any) -> None:
        # The errors that would be logged only.
        super().__init__(message, **{**options, "connection_errors": ()})


class WorkerTask(Task[..., Any]):
    """What every task of the worker is made from."""

    Request = "worker.request:WorkerRequest"


class JobRequest(WorkerRequest):
    """The message of a durable job: if its child does not come to its end, the job is given back.

    Celery has such a message delivered again, but the job still belongs to the child that died. Without a word from
    here it would wait until its lease runs out.
    """

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's own signature
        """The child was killed, or the task failed in a way that even its own failure could not be written."""
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
        self._abandon()

    def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001 - Celery's own signature
        """The child is asked to stop, or killed because it did not."""
        super().on_timeout(soft, timeout)
        if not soft:
            self._abandon()

    def _abandon(self) -> None:
        job_id = self.kwargs.get("id")
        if isinstance(job_id, str):
            job_abandoned.send(sender=self.task.name, job_id=job_id)
