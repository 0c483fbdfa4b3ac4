"""What is sent in vain with a job's POST, and what is accepted."""

from typing import Any

import pytest
from flask.testing import FlaskClient

URL = "/api/v1/examples"


@pytest.mark.parametrize(("name", "value"), [("status", "done"), ("job", {"state": "done"})])
def test_a_field_of_the_answer_or_of_the_job_is_refused(offline: FlaskClient, name: str, value: Any) -> None:
    response = offline.post(URL, json={"title": "a", "values": [1], name: value})
    assert response.status_code == 422
    assert [(error["in"], error["pointer"]) for error in response.get_json(force=True)["errors"]] == [
        ("body", f"/{name}")
    ]


@pytest.mark.parametrize("body", [{"title": "x" * 200, "values": [1]}, {"title": "a", "values": [1] * 100_000}])
def test_what_fits_is_accepted(api: FlaskClient, body: dict[str, Any]) -> None:
    response = api.post(URL, json=body)
    assert (response.status_code, response.get_json()["title"]) == (202, body["title"])
