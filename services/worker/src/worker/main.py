"""The entry point of the worker and of the beat: `celery -A worker.main:app worker` and `... beat`."""

from worker.start import start

app = start()
