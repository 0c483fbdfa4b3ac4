from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.feature import Feature
from common.migration import Migration
from common.mongo import Document
from testing.checked_client import checked
from web.app import create_app


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


@pytest.mark.parametrize(
    ("declared", "incompatible", "detail"),
    [
        (["0001_a"], False, ""),
        (["0001_a"], True, "The database is ahead: this version cannot run after resource.0002_b."),
        (["0001_a", "0002_b"], True, ""),
        (
            ["0001_a", "0002_b", "0003_c"],
            False,
            "The database is behind: resource.0003_c is not applied. Run `invoke db-migrate`.",
        ),
    ],
)
def test_it_is_ready_only_on_a_database_that_fits_its_code(
    settings: Settings,
    clients: Clients,
    feature: Feature,
    database: Database[Document],
    declared: list[str],
    incompatible: bool,  # noqa: FBT001 - a parameter of the test
    detail: str,
) -> None:
    database["migrations"].insert_many(
        [
            {"_id": "resource.0001_a", "feature": "resource", "incompatible": False},
            {"_id": "resource.0002_b", "feature": "resource", "incompatible": incompatible},
        ]
    )
    of_version = replace(feature, migrations=[Migration("resource", name, "nowhere") for name in declared])
    api = checked(create_app(settings, clients, features=[of_version], blueprints=[])).test_client()
    response = api.get("/readyz")
    assert response.status_code == (503 if detail else 200)
    if detail:
        assert response.get_json(force=True)["detail"] == detail
        assert response.get_json(force=True)["parts"]["mongo"]["ok"]


@pytest.mark.parametrize(("environment", "status"), [("production", 503), ("development", 200)])
def test_in_production_it_is_not_ready_on_a_server_that_may_lose_work(
    settings: Settings, environment: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clients, "promises", lambda _: {"mongo": lambda: ["MongoDB may lose it"]})
    of_environment = settings.model_copy(update={"environment": environment})
    with Clients(of_environment) as clients:
        api = checked(create_app(of_environment, clients, features=[], blueprints=[])).test_client()
        response = api.get("/readyz")
    assert response.status_code == status
    assert ("MongoDB may lose it" in response.text) == (status == 503)
