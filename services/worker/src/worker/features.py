"""What the features declare, gathered by their folders."""

import domain
import worker.tasks
from common import heartbeat
from common.discovery import declared, modules_of
from jobs import keys, ticks
from jobs.declared import job_collections

SECTIONS = tuple(declared(domain, "settings", "SETTINGS"))
INDEXES = (*declared(domain, "store", "INDEXES"), ticks.INDEXES, keys.INDEXES, heartbeat.INDEXES)
# The collections whose documents carry jobs.
COLLECTIONS = job_collections(domain)
TASK_MODULES = tuple(modules_of(worker.tasks))
