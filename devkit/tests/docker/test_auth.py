"""The API in containers answers nobody without a key."""

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
    key = deployment.new_key("shop")
    own = {"Authorization": f"Bearer {key}"}
    assert deployment.http.get(address, headers=own).status_code != 401
    assert key not in deployment.invoke("logs", "api")
    deployment.invoke("admin", f"keys revoke {key.partition('.')[0]}")
    until(lambda: deployment.http.get(address, headers=own).status_code == 401, seconds=10)
