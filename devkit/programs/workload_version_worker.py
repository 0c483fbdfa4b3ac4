"""The worker of one version of a product that has nothing but the example feature; PYTHONPATH leads to its `domain`."""

import workload_tasks

from worker.start import start

app = start(task_modules=[workload_tasks])
