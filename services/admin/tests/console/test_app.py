"""The page as a whole: what it says of the stack, which forms it accepts, and what it loads."""

import re
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError, ServerSelectionTimeoutError
from pytest_httpserver import HTTPServer

from admin.console.app import _content
from admin.console.context import Console
from common.clients import Clients
from common.config import Settings
from testing.waiting import soon

# Refused before any panel sees it.
FORM = {"panel": "any", "key": "k"}


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError("away"), AutoReconnect("away")], ids=repr)
def test_a_database_that_goes_away_meanwhile_leaves_a_panel_unknown(
    error: PyMongoError, offline_console: Console
) -> None:
    assert _content(panel_that_raises(error), offline_console) is None


def test_a_bug_in_a_panel_is_not_hidden(offline_console: Console) -> None:
    with pytest.raises(OperationFailure):
        _content(panel_that_raises(OperationFailure("unknown operator")), offline_console)


def panel_that_raises(error: PyMongoError) -> ModuleType:
    def show(_: Console) -> None:
        raise error

    panel = ModuleType("panel")
    panel.show = show  # type: ignore[attr-defined] # as a module would have it
    return panel


@pytest.fixture
def offline_console(offline_app: Flask) -> Console:
    found: Console = offline_app.extensions["console"]
    return found


@pytest.mark.parametrize("path", ["/", "/?limit=5&x=%00", "/?panel=report"])
def test_a_query_changes_nothing(console: FlaskClient, path: str) -> None:
    assert console.get(path).status_code == 200


def test_head_answers_without_a_body(console: FlaskClient) -> None:
    head = console.head("/")
    assert (head.status_code, head.mimetype, head.data) == (200, "text/html", b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(offline: FlaskClient, method: str) -> None:
    response = offline.open("/", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("host", ["example.com", "evil.127.0.0.1", "10.0.0.7:8001"])
def test_another_name_of_this_machine_is_refused(offline: FlaskClient, host: str) -> None:
    """A page of another site could have its own name lead to 127.0.0.1."""
    assert offline.get("/", headers={"Host": host}).status_code == 400
    assert offline.post("/", data=FORM, headers={"Host": host}).status_code == 400


def test_it_loads_everything_from_here_and_nothing_is_inline(console: FlaskClient, settings: Settings) -> None:
    page = console.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    # Links lead to the API; nothing is loaded from there.
    assert set(re.findall(r"\w+://[\w.:]+", page.text)) == {f"http://{settings.api_host}:{settings.api_port}"}
    assert "style=" not in page.text
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    loaded = re.findall(r'(?:src|rel="stylesheet" href)="([^"]*)"', page.text)
    assert [console.get(each).mimetype for each in loaded] == ["text/css", "text/javascript"]


@pytest.mark.parametrize("name", ["page.html", "report.py", "..%2fwsgi.py", "../app.py"])
def test_no_other_file_is_served(offline: FlaskClient, name: str) -> None:
    assert offline.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://example.com"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_form_from_another_site_is_refused(offline: FlaskClient, headers: dict[str, str]) -> None:
    assert offline.post("/", data=FORM, headers=headers).status_code == 403


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_refused(offline: FlaskClient, content_type: str) -> None:
    assert offline.post("/", data=b"panel=report", content_type=content_type).status_code == 415


@pytest.mark.parametrize("body", [b"", b"&&&=%zz%00", b"panel=nothing", b"panel=../report", b"\xff\xfe\x00"])
def test_a_form_of_no_panel_is_refused(offline: FlaskClient, body: bytes) -> None:
    response = offline.post("/", data=body, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.mimetype) == (422, "text/plain")


def test_a_huge_form_is_refused(offline: FlaskClient, offline_settings: Settings) -> None:
    body = b"panel=report&numbers=" + b"1+" * offline_settings.max_body_bytes
    assert offline.post("/", data=body, content_type="application/x-www-form-urlencoded").status_code == 413


@pytest.mark.parametrize(
    ("length", "status"), [({"CONTENT_LENGTH": "100"}, 400), ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411)]
)
def test_a_form_that_may_have_been_cut_short_is_refused(
    offline: FlaskClient, length: dict[str, str], status: int
) -> None:
    response = offline.post(
        "/",
        input_stream=BytesIO(b"panel=report&title=a&numbers=1+2"),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, **length},
    )
    assert response.status_code == status


def test_it_says_that_the_stack_works(console: FlaskClient) -> None:
    page = console.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for name in ("MongoDB", "API"):
        assert re.search(rf"<h3>{name}</h3>\s*<strong>up</strong>", page.text)


def test_without_its_servers_it_still_shows_itself_soon(offline: FlaskClient) -> None:
    page = soon(lambda: offline.get("/"), seconds=4)
    assert page.status_code == 200
    assert re.search("Down: MongoDB.*API", page.text)


def test_an_api_that_is_stuck_is_down(console: FlaskClient, httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request("/healthz").respond_with_data(status=503)
    assert "Down: API" in console.get("/").text
    assert "/healthz answers 503" in console.get("/").text


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - compared, not bound
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_the_address_of_the_api_is_one_that_a_browser_can_open(
    offline_settings: Settings, clients: Clients, host: str, address: str
) -> None:
    settings = offline_settings.model_copy(update={"api_host": host, "api_port": 8000})
    assert Console(settings, clients).api == f"http://{address}:8000"


def test_the_reports_of_the_project_are_served_from_their_folder_only(
    offline: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "/reports/index.html" not in offline.get("/").text
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "reports" / "coverage").mkdir(parents=True)
    for name in ("index.html", "coverage/style.css"):
        (tmp_path / "reports" / name).write_text("here")
    assert 'href="/reports/index.html"' in offline.get("/").text
    style = offline.get("/reports/coverage/style.css")
    assert (style.status_code, style.mimetype, style.text) == (200, "text/css", "here")
    assert "connect-src" not in style.headers["Content-Security-Policy"]
    for path in ("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "/etc/passwd", "coverage", "coverage/", "x"):
        assert offline.get(f"/reports/{path}").status_code == 404


COLOURS = re.compile(r"--(\w+): (#[0-9a-f]{6})")
TEXTS = ("text", "muted", "accent", "good", "bad", "wait")


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_has_enough_contrast_to_its_background(offline: FlaskClient, scheme: int) -> None:
    roots = re.findall(r":root \{(.*?)\}", offline.get("/static/page.css").text, re.DOTALL)
    colours = dict(COLOURS.findall(roots[scheme]))
    for text in TEXTS:
        for ground in ("ground", "card"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
