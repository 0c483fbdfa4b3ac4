"""Each process has its own accounts: no password of another one, or of a server's administrator, is to be found."""

import psutil
import pytest

from devkit import local_secrets
from devkit.servers.selection import SERVERS

from .conftest import Stack

# The settings that hold a password of the servers.
KEYS = tuple(server.password_key.removesuffix("PASSWORD") for server in SERVERS.values())


def found(pid: int, secrets: dict[str, str]) -> set[str]:
    """Return the secrets in the environments of a process and of its children, by the settings that they are of."""
    main = psutil.Process(pid)
    environs = [each.environ() for each in (main, *main.children(recursive=True))]
    return {name for name, value in secrets.items() if any(value in environ.values() for environ in environs)}


@pytest.mark.integration
def test_a_process_finds_no_password_but_its_own_in_its_environment(stack: Stack) -> None:
    known = {name: stack.environ[name] for name in local_secrets.names() if name.startswith(KEYS)}
    # MONGO_API_PASSWORD is of the service `api`.
    services = {name: {key.split("_")[1] for key in found(pid, known)} for name, pid in stack.pids().items()}
    assert services["api"] == {"API"}
    assert all(len(own) == (name not in SERVERS) for name, own in services.items()), services
