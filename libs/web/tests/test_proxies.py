"""The client's address: nobody can choose it, and a proxy of ours tells it."""

import logging
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask import request

from common.config import ConfigError, Settings
from common.hosts import networks_of
from web.proxies import TrustedProxies

PROXY, INNER = "10.0.3.7", "10.0.3.8"
TRUSTED = TrustedProxies(networks_of("127.0.0.1, 10.0.3.0/24, 2001:db8:1::/48"))


@pytest.mark.parametrize("peer", ["192.0.2.1", "10.0.4.7", "2001:db8:2::1", "", "unix", "::ffff:192.0.2.1"])
@pytest.mark.parametrize("forged", ["203.0.113.9", "10.0.3.7", "127.0.0.1", "203.0.113.9, 10.0.3.7", "x", ","])
def test_a_forged_header_changes_nothing(peer: str, forged: str) -> None:
    assert TRUSTED.client(peer, forged) == peer


def test_without_trusted_proxies_nobody_is_believed() -> None:
    for peer in ("127.0.0.1", PROXY, "::1"):
        assert TrustedProxies(()).client(peer, "203.0.113.9") == peer


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (f"1.1.1.1, 203.0.113.9, {INNER}", "203.0.113.9"),
        (f"{PROXY}, 203.0.113.9, {INNER}", "203.0.113.9"),
        (f"203.0.113.9,2001:db8:1::5,{INNER}", "203.0.113.9"),
        ("2001:DB8:2:0::1", "2001:db8:2::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        # What is no address tells nothing, and neither does what stands before it.
        ("203.0.113.9, unknown", PROXY),
        ("203.0.113.9:4711", PROXY),
        (f"203.0.113.9, x, {INNER}", INNER),
        ("203.0.113.9,", PROXY),
        ("", PROXY),
    ],
)
def test_a_trusted_proxy_is_believed_and_nothing_before_its_word(forwarded: str, client: str) -> None:
    assert TRUSTED.client(PROXY, forwarded) == client


@pytest.mark.parametrize("wrong", ["proxy.example.org", "10.0.3.7/24", "10.0.3.0/33", "0.0.0.0/0", "::/0", "*"])
def test_what_is_no_network_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"API_TRUSTED_PROXIES": f"127.0.0.1,{wrong}"}, env_files=())
    (line,) = caught.value.problems
    assert line.startswith(f"API_TRUSTED_PROXIES: {wrong} is ")


@pytest.mark.parametrize(("trusted", "client"), [("", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.9")])
def test_routes_and_the_log_know_the_client(
    trusted: str,
    client: str,
    alone: dict[str, str],
    make: Callable[[Settings], APIFlask],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "web.access")
    app = make(Settings.load({**alone, "API_TRUSTED_PROXIES": trusted}, env_files=()))
    app.add_url_rule("/me", "health.me", lambda: {"address": request.remote_addr})
    answer = app.test_client().get("/me", headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.9"})
    assert answer.get_json() == {"address": client}
    assert [record.__dict__["client"] for record in caplog.records if record.name == "web.access"] == [client]
