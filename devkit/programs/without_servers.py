"""A pytest plugin that skips the tests that wait for servers or processes, for a profile of our own code."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests whose fixtures start no server."""
    chosen = [item for item in items if not _waits(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _waits(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("integration", "e2e"))
    return marked or "servers" in getattr(item, "fixturenames", ())
