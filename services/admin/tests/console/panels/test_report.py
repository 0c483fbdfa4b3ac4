"""The panel of reports."""

import re
from itertools import count
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.console.app import create_app
from admin.console.forms import FormError
from admin.console.panels.report import bars, requested
from common.clients import Clients
from common.config import Settings
from common.mongo import apply_indexes
from domain.report import FEATURE
from domain.report.model import Histogram
from domain.report.service import compute
from jobs.declared import all_collections
from jobs.store import JobStore
from testing.waiting import eventually

FORM = {"panel": "report", "key": "k", "title": "Numbers", "numbers": "1 2 3"}
HOSTILE = "<script>alert(1)</script>\"'><b>&amp;"


def done(clients: Clients) -> None:
    """Do the work of all reports, as a worker would."""
    reports = clients.database["reports"]
    for report in reports.find({"job.state": "pending"}):
        effect = compute(report, lambda _: None)
        reports.update_one({"_id": report["_id"]}, {"$set": {**effect, "job.state": "done", "job.progress": 1.0}})


def test_a_posted_report_is_in_the_database(console: FlaskClient, clients: Clients) -> None:
    answer = console.post("/", data=FORM)
    assert (answer.status_code, answer.data) == (303, b"")
    (report,) = clients.database["reports"].find()
    assert answer.headers["Location"] == f"/#report-{report['_id']}"
    assert (report["title"], report["job"]["state"]) == ("Numbers", "pending")
    assert f'id="report-{report["_id"]}"' in console.get("/").text


def test_a_form_that_is_sent_twice_makes_one_report(console: FlaskClient, clients: Clients) -> None:
    apply_indexes(clients.database, all_collections([FEATURE]))
    places = {console.post("/", data=FORM).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert clients.database["reports"].count_documents({}) == 1


def test_a_form_that_is_changed_after_it_was_sent_makes_another_report(console: FlaskClient) -> None:
    places = {console.post("/", data={**FORM, "numbers": numbers}).headers["Location"] for numbers in ("1", "2")}
    assert len(places) == 2


def test_each_page_has_a_key_of_its_own_and_a_refused_form_keeps_it(console: FlaskClient) -> None:
    keys = {re.findall(r'name="key" value="(\w+)"', console.get("/").text)[0] for _ in range(2)}
    assert len(keys) == 2
    assert 'name="key" value="k"' in console.post("/", data={**FORM, "title": ""}).text


@pytest.mark.parametrize(
    ("fields", "told", "wrong"),
    [
        ({"title": ""}, "Enter a title.", "title"),
        ({"title": "   "}, "Enter a title.", "title"),
        ({"title": "x" * 201}, "at most 200 characters", "title"),
        ({"title": "a\0b"}, "String should match", "title"),
        ({"numbers": ""}, "Enter at least one number.", "numbers"),
        ({"numbers": " ,;\n"}, "Enter at least one number.", "numbers"),
        ({"numbers": "1 two 3"}, "“two” is not a number.", "numbers"),
        ({"numbers": "1e999"}, "finite number", "numbers"),
        ({"numbers": "1 " * 100_001}, "at most 100000 items", "numbers"),
    ],
)
def test_what_is_wrong_is_shown_beside_its_field(
    console: FlaskClient, fields: dict[str, str], told: str, wrong: str
) -> None:
    page = console.post("/", data={**FORM, **fields})
    assert (page.status_code, page.mimetype) == (422, "text/html")
    (error,) = re.findall(rf'<p class="error" id="report-{wrong}-error">(.*?)</p>', page.text)
    assert told in error
    (field,) = re.findall(rf'<(?:input|textarea) id="report-{wrong}"[^>]*>', page.text)
    assert 'aria-invalid="true"' in field
    assert "autofocus" in field
    assert f"report-{wrong}-error" in field
    assert page.text.count("aria-invalid") == 1


def test_all_that_is_wrong_is_shown_at_once_and_what_was_typed_is_kept(console: FlaskClient) -> None:
    page = console.post("/", data={**FORM, "title": "", "numbers": f"1 {HOSTILE}"})
    assert page.status_code == 422
    assert page.text.count('class="error"') == 2
    assert page.text.count(" autofocus") == 1
    assert "1 &lt;script&gt;alert(1)" in page.text
    assert HOSTILE not in page.text


def test_a_hostile_title_is_shown_as_text(console: FlaskClient, clients: Clients) -> None:
    console.post("/", data={**FORM, "title": HOSTILE})
    done(clients)
    page = console.get("/").text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt;&lt;b&gt;&amp;amp;") == 3


def test_a_report_shows_its_progress_until_it_is_done_and_then_its_histogram(
    console: FlaskClient, clients: Clients
) -> None:
    console.post("/", data={**FORM, "numbers": "1 2 2 9"})
    assert '<progress aria-label="Progress of Numbers" max="1" value="0.0">' in console.get("/").text
    done(clients)
    page = console.get("/").text
    assert "<progress" not in page
    svg = ET.fromstring(re.findall(r"<svg.*?</svg>", page, re.DOTALL)[0])  # noqa: S314 - our own page
    assert svg.get("role") == "img"
    texts = {each.get("id"): each.text for each in svg}
    assert texts[svg.get("aria-labelledby")] == "Histogram of Numbers"
    told = "20 bins from 1 to 9. The fullest, from 1.8 to 2.2, holds 2 of 4 numbers."
    assert texts[svg.get("aria-describedby")] == told
    assert len(svg.findall("rect")) == 20


def test_an_operator_sees_what_an_unexpected_error_said(console: FlaskClient, clients: Clients) -> None:
    console.post("/", data=FORM)
    (report,) = clients.database["reports"].find()
    store = JobStore(clients.database["reports"])
    held = store.claim(report["_id"], name=report["job"]["name"], owner="worker1")
    assert held is not None
    store.retry(held, "told to clients", detail=f"ValueError: {HOSTILE}")
    page = console.get("/").text
    assert "Last attempt: <bdi>ValueError: &lt;script&gt;" in page
    assert "told to clients" not in page


def test_an_empty_list_says_how_to_begin(console: FlaskClient) -> None:
    assert "None yet." in console.get("/").text


def test_numbers_may_be_separated_in_several_ways() -> None:
    assert requested("t", " 1,2;3\n-4.5\t.5 , +6. 1e3\r\n").values == [1, 2, 3, -4.5, 0.5, 6, 1000]


@pytest.mark.parametrize("word", ["nan", "inf", "0x10", "1_000", "--1", ".", "e5", "\u0661", "1" * 50_000 + "x"])
def test_what_only_python_takes_for_a_number_is_none(word: str) -> None:
    with pytest.raises(FormError) as raised:
        requested("t", word)
    assert raised.value.errors.keys() == {"numbers"}
    assert len(raised.value.errors["numbers"]) < 300


def test_the_highest_bar_fills_the_drawing_and_the_smallest_can_be_seen() -> None:
    counts = [0, 1, 1_000_000, *[0] * 17]
    drawn = bars(Histogram(edges=[float(edge) for edge in range(21)], counts=counts))
    assert [(bar.y, bar.height) for bar in drawn[:3]] == [(60, 0), (59, 1), (0, 60)]


def test_a_report_too_many_is_refused_and_what_was_typed_is_kept(environ: dict[str, str]) -> None:
    limited = Settings.load({**environ, "JOB_MAX_PENDING": "1"}, env_files=())
    with Clients(limited) as clients:
        console = create_app(limited, clients).test_client()
        assert console.post("/", data=FORM).status_code == 303
        form = {**FORM, "title": "Mine & yours"}
        keys = map(str, count())

        def refused() -> TestResponse | None:
            answer = console.post("/", data={**form, "key": next(keys)})
            return answer if answer.status_code == 429 else None

        page = eventually(refused)
    assert page is not None
    assert int(page.headers["Retry-After"]) > 0
    assert "1 jobs wait already" in page.text
    assert "Mine &amp; yours" in page.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}], ids=str)
def test_a_form_from_here_is_accepted(console: FlaskClient, headers: dict[str, str]) -> None:
    assert console.post("/", data=FORM, headers=headers).status_code == 303


def test_a_form_sent_while_mongodb_is_away_is_kept_and_may_be_sent_again(offline: FlaskClient) -> None:
    page = offline.post("/", data=FORM)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert int(page.headers["Retry-After"]) > 0
    assert "MongoDB cannot be reached" in page.text
    for kept in ('value="Numbers"', "1 2 3</textarea>", 'name="key" value="k"'):
        assert kept in page.text


def test_the_panel_is_unknown_while_mongodb_is_down(offline: FlaskClient) -> None:
    assert "Unknown while MongoDB is down." in offline.get("/").text
