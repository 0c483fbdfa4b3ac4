"""What the queue adds to the settings and to the log."""

import logging

from common import brokers
from common.extension import Extension
from common.extensions.queue import checks
from common.extensions.queue.log import JOB_ID
from common.extensions.queue.settings import QueueSettings

_KINDS = brokers.kinds()

EXTENSION = Extension(
    sections=(QueueSettings, *(kind.settings for kind in _KINDS)),
    problems=checks.problems,
    unsafe=checks.unsafe,
    authorities=checks.authorities,
    named_after_project=tuple(name for kind in _KINDS for name in kind.named_after_project),
    taken_names=dict(pair for kind in _KINDS for pair in kind.taken_names.items()),
    log_ids={"job_id": JOB_ID},
    # At DEBUG the driver tells of credentials. Celery tells at INFO of every message it receives and every task it
    # ends, which the jobs' own lines say better.
    quiet={
        "amqp": logging.INFO,
        "celery.worker.strategy": logging.WARNING,
        "celery.app.trace": logging.WARNING,
    },
)
