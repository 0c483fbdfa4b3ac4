from flask.testing import FlaskClient


def test_it_says_hello(offline: FlaskClient) -> None:
    response = offline.get("/api/v1/hello")
    assert (response.status_code, response.get_json()) == (200, {"message": "hello"})
