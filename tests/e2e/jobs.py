"""Jobs over HTTP, for the tests."""

from typing import Any

from .conftest import Stack


def post(stack: Stack, path: str, body: Any) -> dict[str, Any]:
    """Post a job that must be accepted; return it."""
    answer = stack.http.post(path, json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(stack: Stack, path: str, job: dict[str, Any]) -> dict[str, Any]:
    """Return a job as it stands now."""
    found: dict[str, Any] = stack.http.get(f"{path}/{job['id']}").raise_for_status().json()
    return found


def finished(stack: Stack, path: str, job: dict[str, Any]) -> dict[str, Any]:
    """Wait until a job is finished; return it."""
    return stack.until(lambda: now if (now := get(stack, path, job))["status"] not in ("pending", "running") else None)
