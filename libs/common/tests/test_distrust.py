"""Why MongoDB is not used is in the log."""

import pytest
from pymongo.errors import AutoReconnect
from pymongo.hello import Hello
from pymongo.monitoring import ServerHeartbeatFailedEvent, ServerHeartbeatSucceededEvent

from common.distrust import Distrust


def test_why_a_server_is_not_trusted_is_told_once_until_it_is(caplog: pytest.LogCaptureFixture) -> None:
    distrust = Distrust()
    said = "db:27017: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: it has expired (_ssl.c:1) (timeouts)"
    where = ("db", 27017)
    silent = ServerHeartbeatFailedEvent(0, AutoReconnect("db:27017: timed out"), where)
    failed = ServerHeartbeatFailedEvent(0, AutoReconnect(said), where)
    trusted: ServerHeartbeatSucceededEvent = ServerHeartbeatSucceededEvent(0, Hello({}), where)
    for event in (silent, failed, failed):
        distrust.failed(event)
    assert caplog.messages == [f"MongoDB is not used: {said.partition(' (')[0]}."]
    distrust.succeeded(trusted)
    distrust.failed(failed)
    assert len(caplog.messages) == 2
