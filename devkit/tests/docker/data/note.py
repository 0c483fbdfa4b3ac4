"""Notes, which are stored at once."""

from typing import Any

from ..conftest import Deployment, until

_CONTENT = {"title": "Shopping", "text": "Bread"}


def make(deployment: Deployment, **headers: str) -> str:
    """Return the id of a new note."""
    answer = deployment.http.post("/api/v1/notes", json=_CONTENT, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def whole(deployment: Deployment, identity: str) -> None:
    """Fail unless a note is there as it was written."""

    def found() -> dict[str, Any] | None:
        answer = deployment.http.get(f"/api/v1/notes/{identity}")
        # While MongoDB is away it is 503.
        note: dict[str, Any] = answer.json()
        return note if answer.status_code == 200 else None

    note = until(found)
    assert {name: note[name] for name in _CONTENT} == _CONTENT
