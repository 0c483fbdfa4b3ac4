"""Reports, which a worker computes after they were accepted."""

from typing import Any

from ..conftest import Deployment, until


def make(deployment: Deployment, **headers: str) -> str:
    """Return the id of a report that the API has accepted."""
    answer = deployment.http.post("/api/v1/reports", json={"title": "t", "values": [1, 2, 3]}, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def whole(deployment: Deployment, identity: str) -> None:
    """Fail unless a report gets done."""

    def finished() -> dict[str, Any] | None:
        report: dict[str, Any] = deployment.http.get(f"/api/v1/reports/{identity}").json()
        return report if report["status"] == "done" else None

    assert until(finished)["result"]["count"] == 3
