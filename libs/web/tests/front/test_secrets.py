"""No secret is in the log of an API, also at DEBUG, and while its servers are away."""

import pytest

from testing.strong import strong

from .conftest import Start, status_of

pytestmark = pytest.mark.integration


def test_no_secret_is_in_the_log_of_an_api(start: Start, alone: dict[str, str]) -> None:
    known = {name: strong(name) for name in alone if name.endswith("_PASSWORD")} | {"SECRET_KEY": strong("key")}
    live = start({**alone, **known}, LOG_LEVEL="DEBUG")
    address = f"/api/v1/resources?cursor={strong('query')}"
    assert status_of(live.get(address, f"Authorization: Bearer {strong('caller')}")) >= 400
    assert status_of(live.get("/readyz")) == 503
    log = live.log.read_text()
    assert "GET /api/v1/resources" in log
    assert [secret for secret in [*known.values(), strong("caller"), strong("query")] if secret in log] == []
