"""What the tests of all packages share: real servers, and how `pytest -n` distributes the tests."""

import functools
import os
import re
import signal
from pkgutil import iter_modules

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it has no types

from devkit import ROOT, environment
from devkit.servers.selection import SERVERS
from testing import plugins

# A git hook names its repository in the environment, and a commit's author; the tests make repositories of their own.
environment.clean()
for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
    del os.environ[name]

# A fixture of a later plugin replaces that of an earlier one.
pytest_plugins = ["testing.fixtures", *sorted(info.name for info in iter_modules(plugins.__path__, "testing.plugins."))]


SHARED = re.compile(r"scope=\"module\"")
# The tests of such a folder share a stack or servers.
TOGETHER = ("tests/e2e/", "devkit/tests/environment/", "devkit/tests/tls/")
# [starter]
# Each runs a suite in several processes of its own, whose tests wait for a limited time.
SUITES = (
    "test_a_product_runs_at_once",
    "test_all_checks_and_the_whole_suite",
    "test_lint_types_and_the_whole_suite",
    "test_the_tests_of_what_remains_pass",
    "test_the_whole_suite_and_all_checks",
    "test_what_the_files_type_passes",
)
# [/starter]


class OneProcessPerServer(LoadScopeScheduling):  # type: ignore[misc] # its base has no types
    """Distributes tests one by one, but sends those that share what takes seconds to start to one process."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        server = f" on {slow}" if (slow := _slow_server(nodeid)) else ""
        if folder := next((folder for folder in TOGETHER if path.startswith(folder)), ""):
            return f"{folder}{server}"
        # [starter]
        test = nodeid.partition("::")[2]
        if test.startswith("test_the_commands_of_a_document"):
            # They share an environment, which takes as long to make as the commands.
            return "documents"
        if path.startswith("tests/docs/test_requests"):
            return f"requests{server}"
        if test.startswith(SUITES):
            return "suites"
        # [/starter]
        return f"{path}{server}" if _is_shared(path) else nodeid


def _slow_server(nodeid: str) -> str:
    """Return the name of the server that a test's parameters name, if it takes seconds to start."""
    slow = [name for name, server in SERVERS.items() if server.starts_in_seconds]
    return next((name for name in slow if name in nodeid.partition("[")[2]), "")


@functools.cache
def _is_shared(path: str) -> bool:
    """Return whether the tests of a file share a process, or a database of many documents."""
    return SHARED.search((ROOT / path).read_text(encoding="utf-8")) is not None


def pytest_configure() -> None:
    """End a run on SIGTERM as on Ctrl-C, so that what the fixtures started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests on a server that takes seconds to start as integration tests."""
    for item in items:
        if _slow_server(item.nodeid):
            item.add_marker(pytest.mark.integration)
    if hasattr(config, "workerinput"):
        # What takes seconds begins first, so that no process is left alone with it in the end.
        items.sort(key=lambda item: item.get_closest_marker("integration") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneProcessPerServer:
    """Return what distributes the tests."""
    return OneProcessPerServer(config, log)
