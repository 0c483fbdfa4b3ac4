"""The id of a job in the lines of the log."""

from contextvars import ContextVar

JOB_ID: ContextVar[str] = ContextVar("job_id", default="-")
