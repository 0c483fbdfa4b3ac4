"""What the features declare, gathered by their folders."""

import domain
from common.discovery import declared, modules_of
from common.jobs import ticks

import worker.tasks

SECTIONS = tuple(declared(domain, "settings", "SETTINGS"))
INDEXES = (*declared(domain, "store", "INDEXES"), ticks.INDEXES)
TASK_MODULES = tuple(modules_of(worker.tasks))
