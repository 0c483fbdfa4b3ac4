"""Who listens on a port is told in one line."""

import subprocess
import sys

from devkit import ports

LISTEN = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    input()
"""


def test_the_command_of_an_owner_is_one_line_whatever_its_arguments_hold() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        told = ports.owner(int(owner.stdout.readline()))
        owner.communicate("\n")
    assert told.startswith(f"pid {owner.pid} (")
    assert len(told.splitlines()) == 1
