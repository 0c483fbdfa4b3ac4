"""The worker and the beat as they really run, with the example feature in addition."""

import os

import workload_tasks

import domain
from common.discovery import modules_of
from common.feature import features_of
from testing.example import EXAMPLE
from worker import tasks
from worker.start import start

app = start([*features_of(domain), EXAMPLE], [*modules_of(tasks), workload_tasks])

# Seconds after which a message is delivered again where the driver sees to that; shorter than any task allows.
if "VISIBILITY_TIMEOUT" in os.environ:
    app.conf.broker_transport_options["visibility_timeout"] = float(os.environ["VISIBILITY_TIMEOUT"])
