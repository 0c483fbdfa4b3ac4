"""The collections of the features, and those of the plumbing."""

from admin import extensions
from admin.features import FEATURES
from common.discovery import modules_of
from common.mongo import merged

INDEXES = merged(
    [
        *(collection for module in modules_of(extensions) for collection in module.INDEXES),
        *(collection for feature in FEATURES for collection in feature.collections),
    ]
)
