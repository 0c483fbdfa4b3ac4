"""The messages of the plain tasks that `invoke bench` compares durable jobs with."""

from pydantic import BaseModel

from common.queue.contract import Contract, JobPayload


class Numbers(BaseModel):
    """All that the work needs."""

    values: list[float]


PLAIN = Contract("bench.plain", JobPayload)
BARE = Contract("bench.bare", Numbers)
