"""The page as a whole: what it tells of the stack, which forms it takes, and what it loads."""

import logging
import re
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest
from flask.testing import FlaskClient
from pymongo.errors import AutoReconnect, ExecutionTimeout, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from api import overview
from api.app import create_app
from api.routes.home import _shown
from common.clients import Clients
from common.config import Settings
from common.heartbeat import Heartbeat
from jobs import stats
from jobs.model import JobKind, new_job
from jobs.store import JobStore

FORM = {"part": "report", "key": "k", "title": "Numbers", "numbers": "1 2 3"}


@pytest.fixture
def living(settings: Settings, clients: Clients) -> None:
    """A worker and a beat that have just given a sign of life."""
    for role in ("worker", "beat"):
        Heartbeat(settings, clients.database, name=f"{role}@here", role=role).beat()


@pytest.mark.usefixtures("living")
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_it_tells_that_every_part_works(api: FlaskClient, broker: str) -> None:
    page = api.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "Everything works." in page.text
    assert page.text.count("<strong>up</strong>") == 4
    for told in ("MongoDB", "RabbitMQ" if broker == "rabbitmq" else "Valkey", "worker@here", "beat@here"):
        assert told in page.text


def test_parts_that_gave_no_sign_are_down(api: FlaskClient) -> None:
    assert "Down: worker, beat." in api.get("/").text


def test_a_worker_that_fell_silent_is_down(settings: Settings, api: FlaskClient, clients: Clients) -> None:
    Heartbeat(settings, clients.database, name="worker1@here", role="worker").beat()
    clients.database["processes"].update_one({}, {"$set": {"at": datetime.now(UTC) - timedelta(seconds=60)}})
    assert re.search(r"worker1@here, version 0.0.0, silent for 6\d s", api.get("/").text)


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError("away"), AutoReconnect("away")], ids=repr)
def test_a_database_that_goes_away_meanwhile_leaves_a_part_unknown(error: PyMongoError) -> None:
    assert _shown(part_that_raises(error)) is None


def test_a_mistake_in_a_part_is_not_hidden() -> None:
    with pytest.raises(OperationFailure):
        _shown(part_that_raises(OperationFailure("unknown operator")))


def part_that_raises(error: PyMongoError) -> ModuleType:
    def show() -> None:
        raise error

    part = ModuleType("part")
    part.show = show  # type: ignore[attr-defined] # as a module would have it
    return part


def test_it_tells_the_depth_of_the_queue(api: FlaskClient, clients: Clients) -> None:
    job = new_job(JobKind("report.compute", "reports"), request_id="r")
    for number, state in enumerate(["pending", "pending", "failed"]):
        about = {"title": "t", "result": None, "created_at": job["updated_at"]}
        clients.database["reports"].insert_one({"_id": f"{number:024}", **about, "job": {**job, "state": state}})
    row = re.search(r'<th scope="row">reports</th>\s*<td>2</td><td>0</td><td>1</td>', api.get("/").text)
    assert row


def test_a_long_queue_is_counted_up_to_a_limit_and_a_slow_count_is_not_down(
    api: FlaskClient, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new_job(JobKind("report.compute", "reports"), request_id="r")
    clients.database["ticks"].insert_many([{"_id": number, "job": job} for number in range(5)])
    monkeypatch.setattr(stats, "COUNTED", 4)
    monkeypatch.setattr(overview, "COUNTED", 4)
    assert re.search(r'<th scope="row">ticks</th>\s*<td>4\+</td><td>0</td><td>0</td>', api.get("/").text)

    def slow(*_: object) -> None:
        raise ExecutionTimeout("operation exceeded time limit")

    monkeypatch.setattr(JobStore, "depth", slow)
    page = api.get("/").text
    assert "unknown while MongoDB is slow" in page
    assert "Down: MongoDB" not in page


def test_without_any_server_it_still_shows_itself_soon(offline: FlaskClient) -> None:
    began = time.monotonic()
    page = offline.get("/")
    assert time.monotonic() - began < 3
    assert page.status_code == 200
    assert "Down: MongoDB, Valkey." in page.text
    assert page.text.count("<strong>unknown</strong>") == 2
    assert "Unknown while MongoDB is down." in page.text


@pytest.mark.parametrize("path", ["/", "/?limit=5&x=%00", "/?part=report"])
def test_a_query_changes_nothing(api: FlaskClient, path: str) -> None:
    assert api.get(path).status_code == 200


def test_head_answers_without_a_body(api: FlaskClient) -> None:
    head = api.head("/")
    assert (head.status_code, head.mimetype, head.data) == (200, "text/html", b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(offline: FlaskClient, method: str) -> None:
    response = offline.open("/", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("path", ["/", "/page/home.css", "/reports/index.html"])
def test_production_has_no_such_page(offline_settings: Settings, path: str) -> None:
    client = create_app(offline_settings.model_copy(update={"environment": "production"})).test_client()
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert client.post("/", data=FORM).status_code == 404


def test_it_loads_everything_from_here_and_nothing_is_inline(api: FlaskClient) -> None:
    page = api.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "//" not in page.text
    assert "style=" not in page.text
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text) == [""]
    loaded = re.findall(r'(?:src|rel="stylesheet" href)="([^"]*)"', page.text)
    assert [api.get(each).mimetype for each in loaded] == ["text/css", "text/javascript"]


@pytest.mark.parametrize("name", ["home.html", "report.py", "..%2fwsgi.py", "docs.js"])
def test_no_other_file_is_served(offline: FlaskClient, name: str) -> None:
    assert offline.get(f"/page/{name}").status_code == 404


def test_its_script_asks_without_filling_the_log(offline: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    offline.get("/", headers={"Sec-Fetch-Dest": "empty"})
    assert "GET /" not in caplog.text
    offline.get("/", headers={"Sec-Fetch-Dest": "document"})
    assert "GET /" in caplog.text


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


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}], ids=str)
def test_a_form_from_here_is_taken(api: FlaskClient, headers: dict[str, str]) -> None:
    assert api.post("/", data=FORM, headers=headers).status_code == 303


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_refused(offline: FlaskClient, content_type: str) -> None:
    assert offline.post("/", data=b"part=report", content_type=content_type).status_code == 415


@pytest.mark.parametrize("body", [b"", b"&&&=%zz%00", b"part=nothing", b"part=../report", b"\xff\xfe\x00"])
def test_a_form_of_no_part_is_refused(offline: FlaskClient, body: bytes) -> None:
    response = offline.post("/", data=body, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")


def test_a_huge_form_is_refused(offline: FlaskClient, offline_settings: Settings) -> None:
    body = b"part=report&numbers=" + b"1+" * offline_settings.max_body_bytes
    assert offline.post("/", data=body, content_type="application/x-www-form-urlencoded").status_code == 413


def test_a_form_that_was_broken_off_is_refused(offline: FlaskClient) -> None:
    body = b"part=report&title=a&numbers=1+2"
    response = offline.post(
        "/",
        input_stream=BytesIO(body),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body) + 2)},
    )
    assert response.status_code == 400


def test_a_form_sent_while_mongodb_is_away_is_kept_and_may_be_sent_again(offline: FlaskClient) -> None:
    page = offline.post("/", data=FORM)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert int(page.headers["Retry-After"]) > 0
    assert "MongoDB cannot be reached" in page.text
    for kept in ('value="Numbers"', "1 2 3</textarea>", 'name="key" value="k"'):
        assert kept in page.text


def test_the_projects_reports_are_served_from_their_folder_alone(
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
def test_every_text_stands_out_from_its_ground(offline: FlaskClient, scheme: int) -> None:
    roots = re.findall(r":root \{(.*?)\}", offline.get("/page/home.css").text, re.DOTALL)
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
