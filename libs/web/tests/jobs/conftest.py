"""The API with the feature that has jobs, instead of the one that is a plain resource."""

from types import ModuleType

import pytest

from common.feature import Feature
from testing.example import EXAMPLE

from . import example_routes


@pytest.fixture
def feature() -> Feature:
    """The feature that only tests use; it is served beside those of the product."""
    return EXAMPLE


@pytest.fixture
def blueprint() -> ModuleType:
    """The routes of that feature."""
    return example_routes
