"""What the features declare, gathered by their folders."""

import domain
import worker.tasks
from common import heartbeat
from common.discovery import declared, modules_of
from common.jobs import ticks

SECTIONS = tuple(declared(domain, "settings", "SETTINGS"))
INDEXES = (*declared(domain, "store", "INDEXES"), ticks.INDEXES, heartbeat.INDEXES)
# The collections whose documents carry jobs.
COLLECTIONS = (*declared(domain, "jobs", "COLLECTION"), ticks.COLLECTION)
TASK_MODULES = tuple(modules_of(worker.tasks))
