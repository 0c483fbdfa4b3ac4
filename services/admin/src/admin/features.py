"""What the features declare, collected from the domain."""

import domain
from common import heartbeat
from common.discovery import declared
from jobs import keys, ticks
from jobs.declared import job_collections

SECTIONS = tuple(declared(domain, "settings", "SETTINGS"))
INDEXES = (*declared(domain, "store", "INDEXES"), ticks.INDEXES, keys.INDEXES, heartbeat.INDEXES)
# The collections whose documents carry jobs.
COLLECTIONS = job_collections(domain)
