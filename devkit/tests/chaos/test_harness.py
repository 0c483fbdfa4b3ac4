"""The pictures, the load and the schedule of the harness."""

import xml.etree.ElementTree as ET
from itertools import islice

import pytest
from pytest_httpserver import HTTPServer

from devkit.chaos.combined import Step, schedule
from devkit.chaos.faults import FAULTS
from devkit.chaos.load import Load, requests
from devkit.chaos.options import parse
from devkit.chaos.picture import HEIGHT, WIDTH, draw
from devkit.terminal import CommandError

SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_is_an_svg_with_both_lines_and_the_fault_within_its_frame() -> None:
    text = draw("a <fault> on redis", {"accepted": [100.1, 100.2, 101.5], "done": [101.7]}, fault=(100.5, 101.0))
    root = ET.fromstring(text)  # noqa: S314 - our own picture
    assert root.tag == f"{SVG}svg"
    points = [each.attrib["points"].split() for each in root.iter(f"{SVG}polyline")]
    assert len(points) == 2
    two, one = (float(point.split(",")[1]) for point in points[0])
    assert two < one
    marks = [each.attrib for each in root.iter(f"{SVG}rect") if each.get("class") == "fault"]
    assert len(marks) == 1
    assert 0 < float(marks[0]["x"]) < float(marks[0]["x"]) + float(marks[0]["width"]) < WIDTH
    assert float(marks[0]["y"]) + float(marks[0]["height"]) < HEIGHT
    assert "a <fault> on redis" in [each.text for each in root.iter(f"{SVG}text")]


def test_each_request_is_sent_once_and_what_was_answered_is_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/api/v1/reports").respond_with_json({"id": "first"}, status=202)
    httpserver.expect_ordered_request("/api/v1/reports").respond_with_json({}, status=503)
    posts = requests(2, name="test", seed=1)
    load = Load([httpserver.url_for("").rstrip("/")], posts, rate=10)
    load.start()
    load.wait(lambda: None)
    load.stop()
    assert [(post.status, post.id, post.accepted) for post in posts] == [(202, "first", True), (503, "", False)]
    assert [request.headers["Idempotency-Key"] for request, _ in httpserver.log] == [post.key for post in posts]


def test_a_seed_makes_the_same_requests_and_the_same_schedule() -> None:
    assert requests(50, name="a", seed=3) == requests(50, name="a", seed=3) != requests(50, name="a", seed=4)
    assert steps(3, 30) == steps(3, 30) != steps(4, 30)


def test_a_long_schedule_has_every_fault_that_one_stack_can_show_and_some_at_once() -> None:
    long = steps(1, 150)
    shown = {fault.name for step in long for fault in step.faults}
    able = {fault.name for fault in FAULTS if fault.variation in ("", "network") and not fault.small_disk}
    # It has no load of its own, so there is none of large reports.
    assert shown == able - {"none", "large-backlog"}
    assert any(len(step.faults) == 2 for step in long)


def steps(seed: int, number: int) -> list[Step]:
    return list(islice(schedule(seed=seed), number))


def test_no_two_faults_have_the_same_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(
    "arguments",
    ["--requests=3", "--minutes=nan", "--minutes=-1", "--fault=flood", "--broker=kafka", "--combined --fault=none"],
)
def test_what_makes_no_sense_is_refused(arguments: str) -> None:
    with pytest.raises(CommandError) as refused:
        parse(arguments.split())
    assert refused.value.code == 2


def test_a_row_has_200_reports_and_a_schedule_ten_in_a_second() -> None:
    assert parse([]).requests == 200
    assert parse(["--combined", "--minutes=60"]).requests == 36_000
    assert parse(["--combined", "--requests=50"]).requests == 50
