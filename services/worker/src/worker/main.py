"""The entry point of the worker and of the beat: `celery -A worker.main:app worker` and `... beat`."""

import os

from common.config import Settings
from worker.app import create_worker
from worker.features import SECTIONS

app = create_worker(Settings.load_or_exit(os.environ, sections=SECTIONS))
