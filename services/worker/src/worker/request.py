"""Messages as the worker's main process sees them: what it must not overlook."""

from typing import Any

from celery.utils.dispatch import Signal
from celery.worker.request import Request

# Sent in the main process. A child died: the sender is its pid, as text. A task failed: the sender is its name, and
# `job_id` what the message was for.
process_died = Signal(name="process_died")
# A message could not be acknowledged; the sender is the error.
acknowledgement_failed = Signal(name="acknowledgement_failed")
job_abandoned = Signal(name="job_abandoned", providing_args=["job_id"])


class WorkerRequest(Request):
    """A message that a child works on. Its acknowledgement may fail, and then the connection must be made anew.

    Celery only logs that. Yet a worker whose children are all busy may not listen to the broker, so it learns of a lost
    connection by nothing else, and would stay deaf.
    """

    def __init__(self, message: Any, **options: Any) -> None:
        self._losses: tuple[type[Exception], ...] = options["connection_errors"]
        # The errors that would be logged only.
        super().__init__(message, **{**options, "connection_errors": ()})

    def acknowledge(self) -> None:
        """Tell the broker that the message has arrived, and the consumer when the broker cannot be told."""
        try:
            super().acknowledge()
        except self._losses as error:
            # The pool, which calls this, would swallow it.
            acknowledgement_failed.send(sender=error)


class JobRequest(WorkerRequest):
    """The message of a durable job: if its child does not come to its end, what the child worked on is given back.

    The message was acknowledged when the work began. Without a word from here the job would wait until its lease runs
    out.
    """

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's own signature
        """Handle a killed child, or a task whose failure could not even be written."""
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
        if return_ok:
            job_id = self.kwargs.get("id")
            if isinstance(job_id, str):
                job_abandoned.send(sender=self.task.name, job_id=job_id)
        else:
            self._tell_death()

    def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001 - Celery's own signature
        """Handle a child that is killed because it did not stop when its time was over."""
        super().on_timeout(soft, timeout)
        if not soft:
            self._tell_death()

    def _tell_death(self) -> None:
        # It may have been at another job than the message's.
        if self.worker_pid is not None:
            process_died.send(sender=str(self.worker_pid))
