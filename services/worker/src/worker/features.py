"""The product's features, as the worker and its commands need them."""

import domain
from common.feature import features_of, sections
from jobs.declared import all_collections, job_collections

FEATURES = features_of(domain)
SECTIONS = sections(FEATURES)
INDEXES = all_collections(FEATURES)
# The collections whose documents carry jobs.
COLLECTIONS = job_collections(FEATURES)
