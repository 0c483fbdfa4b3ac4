"""The charts, the load, the schedule and the command of the harness."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from devkit.chaos import variations
from devkit.chaos.faults import FAULTS, Fault
from devkit.chaos.load import Load, requests
from devkit.chaos.report import HEIGHT, WIDTH, draw
from devkit.chaos.schedule import Step, schedule
from devkit.chaos.suite import Outcome, Plan, broken_rows, plan
from devkit.commands.chaos import chaos
from devkit.commands.collection import collection

SVG = "{http://www.w3.org/2000/svg}"


def test_a_chart_is_an_svg_with_both_lines_and_the_fault_within_its_frame() -> None:
    text = draw("a <fault> on mq", {"accepted": [100.1, 100.2, 101.5], "done": [101.7]}, fault=(100.5, 101.0))
    root = ET.fromstring(text)  # noqa: S314 - our own picture
    assert root.tag == f"{SVG}svg"
    points = [line.attrib["points"].split() for line in root.iter(f"{SVG}polyline")]
    assert len(points) == 2
    two, one = (float(point.split(",")[1]) for point in points[0])
    assert two < one
    marks = [rect.attrib for rect in root.iter(f"{SVG}rect") if rect.get("class") == "fault"]
    assert len(marks) == 1
    assert 0 < float(marks[0]["x"]) < float(marks[0]["x"]) + float(marks[0]["width"]) < WIDTH
    assert float(marks[0]["y"]) + float(marks[0]["height"]) < HEIGHT
    assert "a <fault> on mq" in texts(root)


def test_a_chart_without_a_fault_shades_nothing_and_each_chart_has_a_legend() -> None:
    series = {"accepted": [100.1, 101.5], "done": [101.7]}
    without = ET.fromstring(draw("none on mq", series, fault=None))  # noqa: S314 - our own chart
    assert not [rect for rect in without.iter(f"{SVG}rect") if rect.get("opacity")]
    assert {"accepted per second", "done per second"} <= set(texts(without))
    assert "fault" not in texts(without)
    shaded = ET.fromstring(draw("kill on mq", series, fault=(100.5, 101.0)))  # noqa: S314 - our own chart
    assert {"accepted per second", "done per second", "fault"} <= set(texts(shaded))


def test_a_fault_that_the_harness_does_not_inject_has_no_interval() -> None:
    waiting = {fault.name for fault in FAULTS if fault.inject is None}
    assert waiting == {"none", "clock", "poison", "time-limit"}


def test_each_request_is_sent_once_and_what_was_answered_is_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/api/v1/examples").respond_with_json({"id": "first"}, status=202)
    httpserver.expect_ordered_request("/api/v1/examples").respond_with_json({}, status=503)
    posts = requests(2, name="test", seed=1)
    load = Load([httpserver.url_for("").rstrip("/")], posts, rate=10)
    with load:
        load.wait(lambda: None)
    assert [(post.status, post.id, post.accepted) for post in posts] == [(202, "first", True), (503, "", False)]
    assert [request.headers["Idempotency-Key"] for request, _ in httpserver.log] == [post.key for post in posts]


def test_rows_that_are_late_are_run_again_at_the_end_and_broken_ones_are_not() -> None:
    outcomes = {
        "kept": [Outcome.KEPT],
        "late": [Outcome.LATE, Outcome.KEPT],
        "broken": [Outcome.BROKEN],
        "slow": [Outcome.LATE, Outcome.LATE, Outcome.LATE],
        "worse": [Outcome.LATE, Outcome.BROKEN],
    }
    names: list[str] = []

    def run(fault: Fault) -> Outcome:
        names.append(fault.name)
        return outcomes[fault.name].pop(0)

    assert broken_rows([Fault(name, None) for name in outcomes], run) == ["broken", "worse", "slow"]
    assert names == ["kept", "late", "broken", "slow", "worse", "late", "slow", "worse", "slow"]


def test_a_seed_makes_the_same_requests_and_the_same_schedule() -> None:
    assert requests(50, name="a", seed=3) == requests(50, name="a", seed=3) != requests(50, name="a", seed=4)
    assert steps(3, 30) == steps(3, 30) != steps(4, 30)


def test_a_long_schedule_has_every_fault_that_one_stack_can_show_and_some_at_once() -> None:
    long = steps(1, 150)
    shown = {fault.name for step in long for fault in step.faults}
    able = {
        fault.name
        for fault in FAULTS
        if fault.vary in (variations.usual, variations.networked) and not fault.small_disk
    }
    # It has no load of its own, so there is none of large jobs.
    assert shown == able - {"none", "large-backlog"}
    assert any(len(step.faults) == 2 for step in long)


def steps(seed: int, number: int) -> list[Step]:
    return list(islice(schedule(seed=seed), number))


def test_no_two_faults_have_the_same_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def texts(root: ET.Element) -> list[str | None]:
    return [text.text for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    "arguments",
    ["--requests=3", "--minutes=nan", "--minutes=-1", "--fault=flood", "--broker=kafka", "--combined --fault=none"],
)
def test_an_invalid_option_is_refused_in_one_line_that_names_it(arguments: str, refusal: Callable[..., str]) -> None:
    options = arguments.split()
    assert options[0].partition("=")[0] in refusal(chaos, *options)


def test_a_row_has_200_jobs_and_a_schedule_ten_per_second() -> None:
    assert chosen().requests == 200
    assert chosen(combined=True, minutes="60").requests == 36_000
    assert chosen(combined=True, requests="50").requests == 50


def chosen(**options: Any) -> Plan:
    return plan(
        **{"requests": "", "fault": "", "seed": "1", "combined": False, "minutes": "60", "reports": ".", **options}
    )


def test_the_menu_has_the_command() -> None:
    assert chaos.name in collection().task_names
