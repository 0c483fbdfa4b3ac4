"""Counters that all processes share on a real Valkey, and what happens without it."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from prometheus_client import generate_latest

from common.clients import Clients
from common.config import Settings
from common.metrics import OWN
from testing.checked_client import checked
from testing.servers import Servers
from web.extensions.limits.counters import BACKOFF, Counters, CountersAwayError, SteadyCounters
from web.extensions.limits.stores import redis

Made = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A Valkey that tests may stop."""
    with Servers(tmp_path_factory.mktemp("valkey")) as servers:
        servers.up("redis")
        yield servers


@pytest.fixture
def own(valkey: Servers) -> dict[str, str]:
    valkey.up("redis")
    return {**valkey.environ, "ENVIRONMENT": "test", "BROKER": "redis", "RATE_LIMITS": "on"}


@pytest.fixture
def client(own: dict[str, str], make: Callable[..., APIFlask]) -> Iterator[Made]:
    with ExitStack() as opened:

        def made(**more: str) -> FlaskClient:
            settings = Settings.load({**own, **more}, env_files=())
            app = checked(make(settings, opened.enter_context(Clients(settings))))
            app.add_url_rule("/extra", "extra", lambda: {"is": "there"})
            return app.test_client()

        yield made


@contextmanager
def frozen(valkey: Servers) -> Iterator[None]:
    os.kill(valkey.pid("redis"), signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey.pid("redis"), signal.SIGCONT)


def uncounted(answered: str) -> float:
    told = re.search(rf'rate_limit_uncounted_total{{answered="{answered}"}} (\S+)', generate_latest(OWN).decode())
    return float(told[1]) if told else 0


def counters(environ: dict[str, str]) -> Counters:
    found = redis.counters(Settings.load(environ, env_files=()))
    assert found is not None
    return found


def test_all_processes_of_a_product_count_together_and_products_apart(client: Made) -> None:
    processes = [client(PROJECT="first", RATE_LIMIT_READ="3/hour") for _ in range(2)]
    answers = [process.get("/extra").status_code for _ in range(2) for process in processes]
    assert answers == [200, 200, 200, 429]
    assert client(PROJECT="second", RATE_LIMIT_READ="3/hour").get("/extra").status_code == 200


def test_a_number_does_not_outlive_its_window(own: dict[str, str]) -> None:
    found = counters(own)
    assert [found.add("short", 1) for _ in range(3)] == [1, 2, 3]
    deadline = time.monotonic() + 5
    while found.add("short", 1) != 1:
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_a_frozen_server_delays_one_request_and_no_other(client: Made, valkey: Servers) -> None:
    api, before = client(), uncounted("yes")
    assert "RateLimit" in api.get("/extra").headers
    times = []
    with frozen(valkey):
        for _ in range(30):
            began = time.monotonic()
            answer = api.get("/extra")
            times.append(time.monotonic() - began)
            assert answer.status_code == 200
            assert "RateLimit" not in answer.headers
    assert uncounted("yes") - before == 30
    assert max(times) < 0.5
    # Else each of them would take as long as the first one; a busy machine may delay one or two.
    assert sorted(times)[len(times) // 2] < redis.TIMEOUT, "the others have not waited"


def test_without_the_server_a_setting_says_whether_requests_are_answered(client: Made, valkey: Servers) -> None:
    opened, closed = client(RATE_LIMIT_WITHOUT_STORE="open"), client(RATE_LIMIT_WITHOUT_STORE="closed")
    for api in (opened, closed):
        assert api.get("/extra").status_code == 200
    valkey.down("redis")
    before = uncounted("no")
    assert [opened.get("/extra").status_code for _ in range(3)] == [200] * 3
    answers = [closed.get("/extra") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert uncounted("no") - before == 3
    assert closed.get("/healthz").status_code == 200


def test_requests_are_counted_again_when_the_server_is_back(own: dict[str, str], valkey: Servers) -> None:
    now = 0.0
    steady = SteadyCounters(counters(own), clock=lambda: now)
    assert steady.add("back", 60) == 1
    valkey.down("redis")
    with pytest.raises(CountersAwayError, match="ConnectionError"):
        steady.add("back", 60)
    valkey.up("redis")
    with pytest.raises(CountersAwayError, match="a moment ago"):
        steady.add("back", 60)
    now += BACKOFF
    assert steady.add("back", 60) >= 1


def test_a_wrong_password_counts_as_away_and_is_told_nowhere(own: dict[str, str]) -> None:
    with pytest.raises(CountersAwayError) as caught:
        counters({**own, "REDIS_PASSWORD": "w" * 24}).add("a", 60)
    assert str(caught.value) == "AuthenticationError"


def test_a_socket_in_the_file_system_is_an_address_too(own: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(CountersAwayError, match="ConnectionError"):
        counters({**own, "BROKER_URL": f"redis+socket://{tmp_path}/none"}).add("a", 60)
