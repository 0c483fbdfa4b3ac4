"""Durable jobs, as the operators' commands need them."""

from admin.features import FEATURES
from jobs.declared import added_indexes, job_collections, worked_collections

# The collections whose documents carry jobs.
COLLECTIONS = job_collections(FEATURES)
INDEXES = added_indexes(FEATURES)
ACCESS = worked_collections(FEATURES)
