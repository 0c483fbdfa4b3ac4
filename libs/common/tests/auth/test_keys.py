"""API keys on a real MongoDB: made, found, ended, and never kept themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from common.auth.keys import COLLECTION, Key, Keys, parts
from common.auth.scopes import allows, every, needed
from common.mongo import Document

ACCESS = ["note:read", "note:write"]


@pytest.fixture
def keys(database: Database[Document]) -> Keys:
    return Keys(database)


def read(keys: Keys, key_id: str) -> Key:
    key = keys.get(key_id)
    assert key is not None
    return key


def test_a_key_is_found_by_its_token_which_is_kept_nowhere(keys: Keys, database: Database[Document]) -> None:
    key, token = keys.create("billing", ACCESS)
    key_id, secret = parts(token) or ("", "")
    assert read(keys, key_id) == key
    assert (key.owner, list(key.scopes), key.state) == ("billing", ACCESS, "valid")
    assert key.is_of(secret)
    assert not key.is_of(secret[:-1])
    assert secret not in str(list(database[COLLECTION].find()))
    assert keys.get("0" * 16) is None


def test_no_two_keys_are_alike(keys: Keys) -> None:
    tokens = {keys.create("billing", ACCESS)[1] for _ in range(20)}
    assert len({token.partition(".")[0] for token in tokens}) == len(tokens) == 20


@pytest.mark.parametrize("owner", ["", " ", "a b", "$a", "-a", "ä", "a\n", "a" * 101, '{"a":1}'])
def test_a_name_that_no_owner_can_have_is_refused(keys: Keys, owner: str) -> None:
    with pytest.raises(ValueError, match="An owner is"):
        keys.create(owner, ACCESS)
    assert keys.list() == []


@pytest.mark.parametrize("token", ["", ".", "a.b", "0" * 16, f"{'0' * 16}.{'a' * 42}", f"{'G' * 16}.{'a' * 43}"])
def test_what_is_no_token_is_told_apart(token: str) -> None:
    assert parts(token) is None


def test_a_key_expires(keys: Keys) -> None:
    assert keys.create("billing", ACCESS, timedelta(hours=1))[0].state == "valid"
    assert keys.create("billing", ACCESS, timedelta())[0].state == "expired"


def test_a_key_is_revoked_once_and_for_ever(keys: Keys) -> None:
    key, _ = keys.create("billing", ACCESS)
    assert keys.revoke(key.id)
    assert not keys.revoke(key.id)
    assert not keys.revoke("0" * 16)
    assert read(keys, key.id).state == "revoked"


def test_a_new_key_is_for_the_same_and_the_old_one_expires(keys: Keys) -> None:
    old, _ = keys.create("billing", ACCESS, timedelta(days=30))
    new, token = keys.rotate(old, timedelta(hours=1))
    assert token.startswith(new.id)
    assert (new.owner, new.scopes) == (old.owner, old.scopes)
    assert new.expires_at == new.created_at + timedelta(days=30)
    assert read(keys, new.id).state == read(keys, old.id).state == "valid"
    left = (read(keys, old.id).expires_at or datetime.max.replace(tzinfo=UTC)) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_a_rotation_prolongs_no_key(keys: Keys) -> None:
    old, _ = keys.create("billing", ACCESS, timedelta(minutes=1))
    keys.rotate(old, timedelta(hours=1))
    assert read(keys, old.id).expires_at == old.expires_at


def test_the_last_use_is_known_to_the_minute(keys: Keys) -> None:
    key, _ = keys.create("billing", ACCESS)
    keys.note_use(key)
    used = read(keys, key.id)
    assert used.used_at is not None
    assert abs(used.used_at - datetime.now(UTC)) < timedelta(minutes=1)
    keys.note_use(used)
    assert read(keys, key.id).used_at == used.used_at


def test_the_keys_of_an_owner_are_listed_the_oldest_first(keys: Keys) -> None:
    made = [keys.create(owner, ACCESS)[0] for owner in ("billing", "shop", "billing")]
    assert sorted(keys.list(), key=lambda key: key.id) == sorted(made, key=lambda key: key.id)
    assert {key.owner for key in keys.list("billing")} == {"billing"}
    assert len(keys.list("billing")) == 2


def test_scopes_follow_from_the_feature_and_what_is_done() -> None:
    assert needed("note", changes=False) == "note:read"
    assert every(["note"]) == ["*", "note:read", "note:write"]
    assert allows(["note:read"], "note:read")
    assert allows(["*"], "note:write")
    assert not allows(["note:read", "report:write"], "note:write")
