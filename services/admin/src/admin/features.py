"""The product's features, as the operators' commands need them."""

import domain
from common.feature import features_of, sections

FEATURES = features_of(domain)
SECTIONS = sections(FEATURES)
