"""The contract of a message: what sender and receiver share instead of code."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

# Bytes that the body of a message may have. The work's data do not belong into it; a worker refuses what is larger.
LARGEST = 256 * 1024

Payload = TypeVar("Payload", bound=BaseModel)


@dataclass(frozen=True)
class Contract(Generic[Payload]):
    """The job's name, which is the Celery task's name, and its payload."""

    name: str
    payload: type[Payload]


class JobPayload(BaseModel):
    """The payload of a durable job: only the id, for the truth stands in MongoDB."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str
