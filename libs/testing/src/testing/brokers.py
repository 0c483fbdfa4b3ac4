"""The kinds of brokers that are there, for tests that run on each, or on any."""

import pytest

from common import brokers

NAMES = brokers.names()
# The one that is used where none is named.
FIRST = NAMES[0]
# Marks a test that is to run on each; its `broker` is the name.
ON_EACH = pytest.mark.parametrize("broker", NAMES)


def on_port(port: int) -> dict[str, str]:
    """Return the settings by which the broker, of whatever kind, is at a port."""
    return {kind.port_key: str(port) for kind in brokers.kinds()}
