"""The documented rotation of passwords, for each broker: a native one takes what a container would be told."""

import json
from pathlib import Path

import psutil
import pytest

from common import brokers
from devkit.servers.selection import SERVERS
from devkit.servers.server import Context
from devkit.terminal import CommandError
from testing.brokers import ON_EACH
from testing.plugins.queue import up
from testing.servers import Servers

from .rotation import rotate

NAMES = ("MONGO_PASSWORD", *(kind.password_key for kind in brokers.kinds()))


def environment(node: Servers, broker: str) -> dict[str, str]:
    """Return what tells a control program where the server is, and the account's name."""
    own = {name: node.environ[name] for name in brokers.named(broker).named_after_project}
    return {**psutil.Process(node.pid(broker)).environ(), **own}


def accepts(node: Servers, broker: str, passwords: dict[str, str]) -> bool:
    try:
        return Servers(node.data, {**node.environ, **passwords}, node.started).answers(broker)
    except CommandError:
        return False


@ON_EACH
@pytest.mark.integration
def test_each_server_gets_a_password_of_its_own_that_no_command_line_shows(broker: str, tmp_path: Path) -> None:
    with Servers(tmp_path / "data") as node:
        up(node, broker)
        programs = Path(SERVERS[broker](Context(node.data, node.environ)).binary()).parent
        known = json.dumps(environment(node, broker))
        old = {name: node.environ[name] for name in NAMES}
        rotation = rotate(tmp_path, old, KIND=broker, PROGRAMS=str(programs), NODE=known)
        new = {name: rotation.new[name] for name in NAMES}
        if not any(words[2].endswith(f"-{broker}-1") for words, _ in rotation.calls):
            # It is not told, for it takes the password at its next start: `invoke up`.
            node.down(broker)
            node.environ |= new
            node.up(broker)
        assert accepts(node, broker, new)
        assert not accepts(node, broker, old)
    rotation.check()
