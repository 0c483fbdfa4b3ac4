"""The API in containers lets nobody in without a key."""

import re

import pytest

from .conftest import Deployment

pytestmark = pytest.mark.deploy


def test_a_key_is_made_by_the_operators_image_and_ends_when_it_is_revoked(deployment: Deployment) -> None:
    without = {"Authorization": ""}
    assert deployment.http.get("/api/v1/hello", headers=without).status_code == 401
    said = deployment.invoke("admin", "keys create --owner shop --scope '*'")
    key = re.search(r"(?m)^([0-9a-f]{16})\.[\w-]{43}$", said)
    assert key is not None, said
    own = {"Authorization": f"Bearer {key[0]}"}
    assert deployment.http.get("/api/v1/nothing", headers=own).status_code == 404
    assert key[0] not in deployment.invoke("logs", "api")
    deployment.invoke("admin", f"keys revoke {key[1]}")
    assert "revoked" in deployment.invoke("admin", "keys list --owner shop")
