"""The documented rotation of passwords, for each broker: it takes them at its next start."""

from pathlib import Path

import pytest

from common import brokers
from devkit.servers.accounts import key_of
from devkit.terminal import CommandError
from testing.brokers import ON_EACH
from testing.plugins.queue import up
from testing.servers import Servers

from .rotation import rotate

KEYS = [kind.password_key for kind in brokers.kinds()]
NAMES = ["MONGO_PASSWORD", "MONGO_ADMIN_PASSWORD", *KEYS, *(key_of(key, "worker") for key in KEYS)]


def accepts(node: Servers, broker: str, passwords: dict[str, str]) -> bool:
    try:
        return Servers(node.data, {**node.environ, **passwords}, node.started).answers(broker)
    except CommandError:
        return False


@ON_EACH
@pytest.mark.integration
def test_each_account_gets_a_password_of_its_own_that_no_command_line_shows(broker: str, tmp_path: Path) -> None:
    with Servers(tmp_path / "data") as node:
        up(node, broker)
        old = {name: node.environ[name] for name in NAMES}
        rotation = rotate(tmp_path, old)
        new = {name: rotation.new[name] for name in NAMES}
        # As `invoke up` does.
        node.down(broker)
        node.environ |= new
        node.up(broker)
        assert accepts(node, broker, new)
        assert not accepts(node, broker, old)
    rotation.check()
