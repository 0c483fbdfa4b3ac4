"""The entry point of the worker and of the beat: `celery -A worker.main:app worker` and `... beat`."""

import os

from common.config import Settings
from common.environment import leave_foreign
from worker.app import create_worker
from worker.features import SECTIONS

# Celery's command line passes its options on to Celery by these. BROKER_URL, a setting of ours, is one of them.
PASSED_ON = (
    "CELERY_BROKER_URL",
    "CELERY_CONFIG_MODULE",
    "CELERY_LOADER",
    "CELERY_RESULT_BACKEND",
    "CELERY_SKIP_CHECKS",
)

for name in PASSED_ON:
    os.environ.pop(name, None)
# The other variables have been read by now, and not been acted on yet.
leave_foreign()
app = create_worker(Settings.load_or_exit(os.environ, sections=SECTIONS))
