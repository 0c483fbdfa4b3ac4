"""`admin keys`: a key is shown once, found in no list, and ends when it is told to."""

import json
from collections.abc import Callable
from types import ModuleType

import pytest

from admin.commands import keys as keys_command
from admin.output import CommandError
from common.auth.keys import Keys, parts
from common.clients import Clients

from .conftest import Run


@pytest.fixture
def keys(in_process: Callable[[ModuleType], Run]) -> Run:
    return in_process(keys_command)


def create(keys: Run, *more: str) -> str:
    """Return the token of a key that was made."""
    code, out, err = keys("create", "--owner", "billing", "--scope", "*", *more)
    assert (code, len(out.splitlines())) == (0, 1)
    assert "is not shown again" in err
    assert out.strip() not in err
    return out.strip()


def test_a_key_is_printed_alone_and_once(keys: Run, clients: Clients) -> None:
    token = create(keys)
    key_id, secret = parts(token) or ("", "")
    found = Keys(clients.database).get(key_id)
    assert found is not None
    assert (found.is_of(secret), found.owner, found.scopes) == (True, "billing", ("*",))
    _, out, err = keys("list")
    assert (key_id in out, secret in out + err, found.digest in out + err) == (True, False, False)


def test_the_list_tells_the_state_of_each(keys: Run) -> None:
    assert "There is no key" in keys("list")[2]
    first, second, third = (create(keys, *more).partition(".")[0] for more in ([], ["--expires-in", "0s"], []))
    assert keys("revoke", first)[0] == 0
    states = {each["id"]: each["state"] for each in json.loads(keys("list", "--json")[1])}
    assert states == {first: "revoked", second: "expired", third: "valid"}
    assert json.loads(keys("list", "--owner", "shop", "--json")[1]) == []
    assert len(keys("list")[1].splitlines()) == 4


def test_revoking_what_is_no_key_is_told(keys: Run) -> None:
    key_id = create(keys).partition(".")[0]
    code, _, err = keys("revoke", key_id, "0" * 16)
    assert (code, "is no key, or was revoked before" in err) == (1, True)
    assert keys("revoke", key_id)[0] == 1


def test_a_rotated_key_gives_way_to_another(keys: Run) -> None:
    old = create(keys).partition(".")[0]
    code, token, _ = keys("rotate", old, "--overlap", "0s")
    assert (code, parts(token.strip()) is None) == (0, False)
    assert keys("rotate", old) == (1, "", f"{old} is expired.\n")
    assert keys("rotate", "nothing") == (1, "", "nothing is no key.\n")


def test_a_key_for_programs(keys: Run) -> None:
    made = json.loads(keys("create", "--owner", "billing", "--scope", "*", "--expires-in", "90d", "--json")[1])
    assert parts(made["key"])
    assert {"id", "owner", "scopes", "expires_at"} <= made.keys()
    assert "digest" not in made


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--scope", "*"],
        ["create", "--owner", "billing"],
        ["create", "--owner", "billing", "--scope", "nothing:read"],
        ["create", "--owner", "billing", "--scope", "*", "--expires-in", "soon"],
        ["revoke"],
        ["rotate"],
    ],
)
def test_what_makes_no_sense_is_refused(keys: Run, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        keys(*words)
    assert ended.value.code == 2


def test_an_owner_that_cannot_be_one_is_refused(keys: Run) -> None:
    with pytest.raises(CommandError, match="An owner is"):
        keys("create", "--owner", "a b", "--scope", "*")
