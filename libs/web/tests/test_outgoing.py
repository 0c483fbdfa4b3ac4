"""No request makes the API ask an address: the plumbing has nothing to ask with, but for what the settings name."""

import re

import pytest

CLIENTS = re.compile(
    r"^\s*(?:import|from) (?:aiohttp|ftplib|http\.client|httpx2?|requests|smtplib|urllib3?\.request|urllib3)\b", re.M
)
# It asks the provider of the settings.
ASKS = {"libs/web/src/web/extensions/auth/issuer.py"}
# The product, whose features may ask whom they like and show that in their own tests; and what is never shipped.
OTHERS = {"domain", "testing"}


def test_nothing_of_the_plumbing_can_ask_an_address_that_a_client_names(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    files = [path for path in root.glob("libs/*/src/**/*.py") if path.relative_to(root).parts[1] not in OTHERS]
    assert len(files) > 30
    found = {path.relative_to(root).as_posix() for path in files if CLIENTS.search(path.read_text("utf-8"))}
    assert found <= ASKS
