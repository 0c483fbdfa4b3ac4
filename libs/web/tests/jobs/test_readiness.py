"""Readiness with a broker and workers."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from common.clients import Clients, Ping
from common.config import Settings
from common.queue.clients import QueueClients
from jobs.heartbeat import Heartbeat

HERE = Ping(ok=True, latency_ms=0.5)
AWAY = Ping(ok=False, error="TimeoutError")


class FixedClients(QueueClients):
    """Clients whose servers are as a test wants them."""

    def __init__(self, settings: Settings, *, mongo: Ping, broker: Ping) -> None:
        super().__init__(settings)
        self._pings = {"mongo": mongo, "broker": broker}

    def ping(self) -> dict[str, Ping]:
        return self._pings


def test_without_any_server_it_is_not_ready_and_the_broker_is_told_too(offline: FlaskClient) -> None:
    response = offline.get("/readyz")
    assert response.status_code == 503
    parts = response.get_json(force=True)["parts"]
    assert not parts["mongo"]["ok"]
    assert not parts["broker"]["ok"]


@pytest.mark.parametrize(
    ("mongo", "broker", "status", "word"),
    [(HERE, HERE, 200, "ready"), (HERE, AWAY, 200, "degraded"), (AWAY, HERE, 503, 503), (AWAY, AWAY, 503, 503)],
)
def test_only_mongodb_is_needed_to_be_ready(
    make: Callable[..., APIFlask], offline_settings: Settings, mongo: Ping, broker: Ping, status: int, word: str | int
) -> None:
    with FixedClients(offline_settings, mongo=mongo, broker=broker) as clients:
        response = make(offline_settings, clients).test_client().get("/readyz")
    body = response.get_json(force=True)
    assert (response.status_code, body["status"]) == (status, word)
    assert body["parts"]["broker"] == {"ok": broker.ok, "latency_ms": broker.latency_ms, "error": broker.error}


def test_a_worker_that_says_it_does_not_work_is_a_reason(
    api: FlaskClient, settings: Settings, clients: Clients
) -> None:
    sign = Heartbeat(settings, clients.database, name="worker1@here", role="worker")
    sign.beat("takes no messages, though 7 wait")
    response = api.get("/readyz")
    body = response.get_json()
    assert (response.status_code, body["status"]) == (200, "degraded")
    assert body["reasons"] == ["worker1@here: takes no messages, though 7 wait"]
    sign.beat()
    assert (api.get("/readyz").get_json()["status"], api.get("/readyz").get_json()["reasons"]) == ("ready", [])
