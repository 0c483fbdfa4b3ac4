"""hello: the smallest feature, to copy."""

from common.feature import Feature

FEATURE = Feature("hello")
