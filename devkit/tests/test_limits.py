"""What the toolbox runs for itself is not limited, and what is served in production is."""

from pathlib import Path

import httpx2
import pytest

from devkit.servers.private import private_settings
from devkit.stack.private import PrivateStack
from devkit.stack.temporary import production_environ


def test_a_stack_of_its_own_answers_any_number_of_requests() -> None:
    assert private_settings()["RATE_LIMITS"] == "off"
    assert private_settings(RATE_LIMITS="on")["RATE_LIMITS"] == "on", "but what is said wins"


@pytest.mark.integration
def test_a_served_stack_refuses_too_many_requests_whatever_they_say_of_their_address(tmp_path: Path) -> None:
    own = {"RATE_LIMITS": "", "RATE_LIMIT_READ": "5/hour", "API_WORKERS": "2"}
    with PrivateStack(tmp_path, production_environ() | own) as stack:
        address = stack.url + a_listing(stack.url)
        statuses = []
        for number in range(12):
            # Each on a connection of its own, so that both processes answer.
            headers = stack.headers | {"X-Forwarded-For": f"203.0.113.{number}"}
            statuses.append(httpx2.get(address, headers=headers, timeout=30, trust_env=False).status_code)
        # Five, or as many in each process where they have nothing to count on together.
        assert 2 <= statuses.count(429) <= 7, statuses
        metrics = httpx2.get(f"{stack.url}/metrics", trust_env=False).text
        assert f'rate_limit_refused_total{{limit="read"}} {float(statuses.count(429))}' in metrics
        assert httpx2.get(f"{stack.url}/readyz", trust_env=False).status_code == 200


def a_listing(url: str) -> str:
    """An address of a feature that is read without anything more, whatever features there are."""
    paths = httpx2.get(f"{url}/openapi.json", trust_env=False).json()["paths"]
    found = sorted(path for path, operations in paths.items() if path.startswith("/api/") and "get" in operations)
    plain = [path for path in found if "{" not in path]
    if not plain:
        pytest.skip("no feature has such an address")
    return str(plain[0])
