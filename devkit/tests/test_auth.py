"""`invoke keys`, and the key that the toolbox makes for its own requests."""

from pathlib import Path

import pytest

from common.auth.keys import Keys, parts
from common.clients import Clients
from common.config import Settings
from devkit.commands.collection import collection
from devkit.servers.private import Servers, private_settings
from devkit.stack.headers import headers_for

from .test_commands import invoke


def test_the_command_is_there() -> None:
    assert "keys" in collection().task_names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("create --owner billing --scopes nothing:read", "invalid choice: 'nothing:read'"),
        ("create --scopes *", "--owner"),
        ("revoke", "id"),
        ("lose", "invalid choice: 'lose'"),
    ],
)
def test_what_makes_no_sense_is_refused(words: str, said: str) -> None:
    done = invoke("keys", *words.split())
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_stack_in_production_is_asked_with_a_key_of_its_own(tmp_path: Path) -> None:
    environ = private_settings(ENVIRONMENT="test", MONGO_DATABASE="test_callers")
    with Servers(tmp_path / "data", environ) as servers:
        servers.up("mongo")
        header = headers_for(environ)["Authorization"]
        key_id, secret = parts(header.removeprefix("Bearer ")) or ("", "")
        with Clients(Settings.load(environ, env_files=())) as clients:
            key = Keys(clients.database).get(key_id)
    assert key is not None
    assert (key.is_of(secret), key.scopes) == (True, ("*",))
