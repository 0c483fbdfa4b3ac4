from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from testing.structure import structure_of


def test_it_says_hello(offline: FlaskClient, sample: Callable[[str], Any]) -> None:
    response = offline.get("/api/v1/hello")
    assert (response.status_code, response.get_json()) == (200, {"message": "hello"})
    assert structure_of(response.get_json()) == structure_of(sample("hello/getHello"))
