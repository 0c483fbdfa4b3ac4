from flask.testing import FlaskClient


def test_health_asks_no_server(offline: FlaskClient) -> None:
    response = offline.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_the_version_is_that_of_the_settings(offline: FlaskClient) -> None:
    assert offline.get("/version").get_json() == {"name": "product", "version": "0.0.0"}


def test_it_is_ready_on_real_servers_and_tells_how_fast_they_are(api: FlaskClient) -> None:
    response = api.get("/readyz")
    assert response.status_code == 200
    body = response.get_json()
    assert body["status"] == "ready"
    assert all(part["ok"] and part["latency_ms"] > 0 for part in body["parts"].values())


def test_without_its_database_it_is_not_ready(offline: FlaskClient) -> None:
    response = offline.get("/readyz")
    assert response.status_code == 503
    assert not response.get_json(force=True)["parts"]["mongo"]["ok"]
