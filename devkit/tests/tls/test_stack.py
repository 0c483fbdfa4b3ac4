"""The whole stack in production mode, on a MongoDB that takes nothing but encrypted connections."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .production import Production

pytestmark = pytest.mark.integration


def test_everything_works_over_verified_connections(serve: Callable[..., Production], tmp_path: Path) -> None:
    stack = serve()
    assert stack.http.get("/readyz").json()["status"] == "ready"
    note = stack.http.post("/api/v1/notes", json={"title": "Shopping", "text": "Bread"}).raise_for_status().json()
    address, file = f"/api/v1/notes/{note['id']}", str(tmp_path / "backup.bson.gz")
    stack.admin("backup", file)
    assert stack.http.delete(address).status_code == 204
    stack.admin("restore", file, "--yes")
    assert stack.http.get(address).json() == note

    assert "are as declared" in stack.admin("indexes", "--check")
    said = stack.logs()
    assert "certificate" not in said
    assert "not encrypted" not in said
