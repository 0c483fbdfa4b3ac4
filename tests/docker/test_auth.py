"""The API in containers lets nobody in without a key."""

import re

import pytest

from .conftest import Deployment, until

pytestmark = pytest.mark.deploy


def test_a_key_is_made_by_the_operators_image_and_ends_when_it_is_revoked(deployment: Deployment) -> None:
    without = {"Authorization": ""}
    address = next(
        path
        for path in deployment.http.get("/openapi.json").json()["paths"]
        if path.startswith("/api/") and "{" not in path
    )
    assert deployment.http.get(address, headers=without).status_code == 401
    said = deployment.invoke("admin", "keys create --owner shop --scope '*'")
    key = re.search(r"(?m)^([0-9a-f]{16})\.[\w-]{43}$", said)
    assert key is not None, said
    own = {"Authorization": f"Bearer {key[0]}"}
    assert deployment.http.get(address, headers=own).status_code != 401
    assert key[0] not in deployment.invoke("logs", "api")
    deployment.invoke("admin", f"keys revoke {key[1]}")
    until(lambda: deployment.http.get(address, headers=own).status_code == 401, seconds=10)
