"""Reports over HTTP, for the tests."""

from typing import Any

from .conftest import Stack


def post(stack: Stack, **body: Any) -> dict[str, Any]:
    """Post a report that must be accepted; return it."""
    answer = stack.http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2, 3], **body})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(stack: Stack, report: dict[str, Any]) -> dict[str, Any]:
    """Return a report as it stands now."""
    found: dict[str, Any] = stack.http.get(f"/api/v1/reports/{report['id']}").raise_for_status().json()
    return found


def finished(stack: Stack, report: dict[str, Any]) -> dict[str, Any]:
    """Wait until a report is finished; return it."""
    return stack.until(lambda: now if (now := get(stack, report))["status"] not in ("pending", "running") else None)
