"""The collections of the features, and those of the plumbing."""

from admin.features import FEATURES
from jobs.declared import all_collections, job_collections

INDEXES = all_collections(FEATURES)
# The collections whose documents carry jobs.
COLLECTIONS = job_collections(FEATURES)
