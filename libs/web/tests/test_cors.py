"""Pages of other sites in a browser: those that a setting names may use the API, all others may not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.clients import Clients
from common.config import ConfigError, Settings
from testing.checked_client import checked

APP, OTHER = "https://app.example.com", "https://evil.example"
URL = "/api/v1/resources"
BODY = {"title": "Response times", "values": [1]}

Browser = Callable[..., FlaskClient]


@pytest.fixture
def browser(alone: dict[str, str], make: Callable[..., APIFlask]) -> Iterator[Browser]:
    """Makes clients of an API without servers; MongoDB cannot be asked."""
    with ExitStack() as opened:

        def client(origins: str = f"{APP},http://localhost:5173", **more: str) -> FlaskClient:
            settings = Settings.load({**alone, "API_CORS_ORIGINS": origins, **more}, env_files=())
            return checked(make(settings, opened.enter_context(Clients(settings)))).test_client()

        yield client


def preflight(
    client: FlaskClient, url: str = URL, method: str = "POST", origin: str = APP, **more: str
) -> TestResponse:
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Sec-Fetch-Site": "cross-site"}
    return client.options(url, headers=headers | {name.replace("_", "-"): value for name, value in more.items()})


def told(response: TestResponse) -> dict[str, str]:
    """What a browser reads of an answer."""
    return {name: value for name, value in response.headers if name.startswith("Access-Control-")}


def exposed(response: TestResponse) -> set[str]:
    return set(told(response)["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize("origin", [APP, "http://localhost:5173"])
def test_a_page_that_is_named_is_told_what_an_address_takes(browser: Browser, origin: str) -> None:
    wanted = "authorization,content-type,if-match"
    answer = preflight(browser(), origin=origin, Access_Control_Request_Headers=wanted)
    assert answer.status_code == 204
    assert told(answer) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": wanted,
        "Access-Control-Max-Age": "600",
    }
    assert {"Origin", "Access-Control-Request-Headers"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
    assert answer.data == b""


@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "",
        "*",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://APP.example.com",
        "https://app.example.com/",
        f"{APP}, {OTHER}",
    ],
)
def test_any_other_page_is_told_nothing_and_changes_nothing(browser: Browser, origin: str) -> None:
    client = browser()
    asked = preflight(client, origin=origin)
    assert (asked.status_code, told(asked)) == (405, {})
    read = client.get("/", headers={"Origin": origin})
    assert (read.status_code, told(read), read.headers["Vary"]) == (200, {}, "Origin")
    for more in ({}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(URL, json=BODY, headers={"Origin": origin, **more}).status_code == 403


def test_without_a_named_page_nothing_is_different(browser: Browser) -> None:
    client = browser("")
    assert preflight(client).status_code == 405
    answer = client.get("/", headers={"Origin": APP})
    assert (told(answer), "Vary" in answer.headers) == ({}, False)
    assert client.post(URL, json=BODY, headers={"Origin": APP}).status_code == 403


def test_a_page_that_is_named_may_read_answers_and_their_headers_and_brings_no_cookie(browser: Browser) -> None:
    answer = browser().get("/", headers={"Origin": APP})
    assert told(answer) == {
        "Access-Control-Allow-Origin": APP,
        "Access-Control-Expose-Headers": "X-Request-ID",
    }
    assert answer.headers["Vary"] == "Origin"


def test_problems_are_read_too_with_the_time_to_come_back(browser: Browser) -> None:
    """Also the one that tells that MongoDB is away."""
    answer = browser().post(URL, json=BODY, headers={"Origin": APP, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 503
    assert told(answer)["Access-Control-Allow-Origin"] == APP
    assert exposed(answer) == {"Retry-After", "X-Request-ID"}
    missing = browser().get("/nowhere", headers={"Origin": APP})
    assert (missing.status_code, told(missing)["Access-Control-Allow-Origin"]) == (404, APP)


def test_where_something_is_made_the_page_may_read_its_address(
    environ: dict[str, str], make: Callable[..., APIFlask], clients: Clients
) -> None:
    settings = Settings.load({**environ, "API_CORS_ORIGINS": APP}, env_files=())
    client = checked(make(settings, clients)).test_client()
    made = client.post(URL, json=BODY, headers={"Origin": APP, "Sec-Fetch-Site": "cross-site"})
    assert made.status_code == 201
    assert exposed(made) >= {"Location", "X-Request-ID"}


def test_a_preflight_for_what_is_not_there_allows_nothing(browser: Browser) -> None:
    client = browser()
    unknown = preflight(client, "/api/v1/nothing")
    assert unknown.status_code == 404
    assert "Access-Control-Allow-Methods" not in told(unknown)
    assert "PUT" not in told(preflight(client, method="PUT"))["Access-Control-Allow-Methods"]
    for wrong in ("a b", "a\tb", "x" * 65, "a,,b", ",", ",".join(["a"] * 33)):
        assert "Access-Control-Allow-Headers" not in told(preflight(client, Access_Control_Request_Headers=wrong))


def test_what_is_no_preflight_is_answered_as_before(browser: Browser) -> None:
    client = browser()
    assert client.options(URL, headers={"Origin": APP}).status_code == 405
    assert client.options(URL, headers={"Access-Control-Request-Method": "POST"}).status_code == 405
    for address in ("/metrics", "/healthz"):
        assert told(client.get(address, headers={"Origin": APP})) == {}, "not for pages"


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "https://*.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://App.example.com",
        "app.example.com",
        "https://user@app.example.com",
        "https://app.example.com:443",
        "http://localhost:80",
        "https://app.example.com:0",
        "file://",
        "https://",
        "https://a b",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start_in_one_line(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"API_CORS_ORIGINS": f"{APP},{wrong}"}, env_files=())
    (line,) = caught.value.problems
    assert line.startswith(f"API_CORS_ORIGINS: {wrong} is no origin")


def test_production_refuses_pages_in_plain_text_but_of_this_machine() -> None:
    environ = {"ENVIRONMENT": "production", "API_CORS_ORIGINS": f"http://app.example.com,{APP},http://localhost:5173"}
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ, env_files=())
    told_of = [line for line in caught.value.problems if line.startswith("API_CORS_ORIGINS")]
    assert len(told_of) == 1
    assert "http://app.example.com comes in plain text" in told_of[0]
