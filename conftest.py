"""What the tests of all packages share: real servers, and how `pytest -n` distributes the tests."""

import os
import signal

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it has no types

from devkit import environment

# A git hook names its repository in the environment, and a commit's author; the tests make repositories of their own.
environment.clean()
for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
    del os.environ[name]

pytest_plugins = ["testing.fixtures"]


class OneProcessPerServer(LoadScopeScheduling):  # type: ignore[misc] # its base has no types
    """Distributes tests one by one, but sends those that share what takes seconds to start to one process."""

    def _split_scope(self, nodeid: str) -> str:
        on_rabbitmq = "rabbitmq" in nodeid.partition("[")[2]
        if nodeid.startswith("tests/e2e/"):
            return "e2e on RabbitMQ" if on_rabbitmq else "e2e on Valkey"
        if "/test_statements.py" in nodeid:
            # They share a database of many documents.
            return "statements"
        if nodeid.startswith("tests/docs/test_blocks.py::test_the_commands_of_a_document"):
            # They share an environment, which takes as long to make as the commands.
            return "documents"
        return "RabbitMQ" if on_rabbitmq else nodeid


def pytest_configure() -> None:
    """End a run on SIGTERM as on Ctrl-C, so that what the fixtures started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests on RabbitMQ as integration tests, for a node takes seconds to start."""
    for item in items:
        if "rabbitmq" in item.nodeid.partition("[")[2]:
            item.add_marker(pytest.mark.integration)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneProcessPerServer:
    """Return the scheduler for xdist."""
    return OneProcessPerServer(config, log)
