"""Tell the workers that there is work: the broker notifies, MongoDB remembers."""

from common.queue.contract import JobPayload
from common.queue.publisher import Publisher
from jobs.model import JobKind


def notify(publisher: Publisher, kind: JobKind, job_id: str, *, request_id: str) -> None:
    """Notify the workers of a durable job; return at once, also when the broker is away."""
    publisher.notify(kind.contract, JobPayload(id=job_id), request_id=request_id)
