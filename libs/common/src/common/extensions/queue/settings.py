"""The settings of the queue, and of those who work for it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from common import brokers
from common.server_settings import Host, Seconds


class QueueSettings(BaseModel):
    """The broker, the worker, and how durable its jobs are."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    # The name of a kind of broker; empty, the first kind's.
    broker: Annotated[str, AfterValidator(brokers.checked), Field(validate_default=True)] = ""
    broker_url: SecretStr = SecretStr("")
    broker_tls_ca_file: str = ""
    broker_tls_cert_file: str = ""

    worker_concurrency: int = Field(2, ge=1, le=256)
    task_time_limit: Seconds = 300
    worker_stop_grace: Seconds = 10
    job_lease: Seconds = 30
    job_max_attempts: int = Field(5, ge=1, le=100)
    job_max_pending: int = Field(10000, ge=0)
    job_max_pending_per_owner: int = Field(0, ge=0)
    metrics_host: Host | Literal[""] = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65535)
