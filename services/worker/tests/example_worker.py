"""The worker and the beat as they really run, with the feature that only tests use. Started by the tests."""

import example_tasks  # type: ignore[import-not-found]  # on the path of the process that the tests start

from testing.example import EXAMPLE
from worker.start import start

app = start([EXAMPLE], [example_tasks])
