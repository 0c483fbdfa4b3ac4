"""No secret is in the log of a worker, also at DEBUG, and while its broker is away."""

import pytest

from common.addresses import account_of
from common.config import Settings
from common.queue.broker import address_of
from testing.brokers import ON_EACH
from testing.servers import unused_ports
from testing.strong import strong
from testing.waiting import eventually

from .conftest import Ended, Post, StartWorker

pytestmark = pytest.mark.integration


@ON_EACH
def test_no_secret_is_in_the_log_of_a_worker(
    worker: StartWorker, post: Post, ended: Ended, settings: Settings, environ: dict[str, str]
) -> None:
    here = worker(LOG_LEVEL="DEBUG", SECRET_KEY=strong("key"))
    assert ended(post())["job"]["state"] == "done"
    address = address_of(settings)
    scheme, password, port = address.partition("://")[0], account_of(address)[1], unused_ports(1)[0]
    away = f"{scheme}://u:{password}@127.0.0.1:{port}/0"
    lost = worker("lost", ready=False, LOG_LEVEL="DEBUG", SECRET_KEY=strong("key"), BROKER_URL=away)
    eventually(lambda: "Connection refused" in lost.text())
    assert password
    for text in (here.text(), lost.text()):
        assert "DEBUG" in text
        assert [each for each in (password, environ["MONGO_PASSWORD"], strong("key")) if each in text] == []
