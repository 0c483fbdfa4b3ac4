"""Reads all results of checks, tests and measurements, from the files in `reports/`."""

from pathlib import Path
from xml.etree import ElementTree as ET

from common.discovery import modules_by_name
from devkit.overview import sections
from devkit.overview.results import Coverage, Outcome, Profile, Results, Suite, by_name, parser
from devkit.overview.section import Section

SECTIONS: dict[str, Section] = {name: module.SECTION for name, module in modules_by_name(sections).items()}
STEPS = {name: section.step for name, section in SECTIONS.items() if section.step}

# How many of the slowest tests and of the least covered files are worth a look.
_MOST = 8
# Seconds from which on a test is called slow.
_SLOW = 0.1


def read(reports: Path) -> Results:
    """Read all results in a folder."""
    results = Results()
    results.outcomes = by_name(results, reports.glob("outcome-*.json"), parser(Outcome))
    results.tests = by_name(results, (*reports.glob("tests-*.xml"), *reports.glob("devkit.xml")), _suite)
    results.profiles = by_name(results, reports.glob("profile-*.json"), parser(Profile))
    results.coverage = results.take(reports / "coverage.xml", _coverage)
    contents = {name: section.read(results, reports) for name, section in SECTIONS.items()}
    results.measured = {name: content for name, content in contents.items() if content}
    return results


def _suite(path: Path) -> Suite:
    """Read the JUnit report of pytest."""
    suites = ET.parse(path).getroot().findall("testsuite")  # noqa: S314 - written by our own tests
    cases = [case for suite in suites for case in suite.iter("testcase")]
    if not suites:
        raise ValueError("there is no test suite in it")
    # A test that fails, and whose teardown fails too, is listed twice.
    failed = _reasons(cases, "failure", "error")
    skipped = _reasons(cases, "skipped")
    times = [(_name(case), float(case.attrib["time"])) for case in cases]
    slowest = sorted((case for case in times if case[1] >= _SLOW), key=lambda case: -case[1])
    passed = len({_name(case) for case in cases} - failed.keys() - skipped.keys())
    seconds = sum(float(suite.attrib["time"]) for suite in suites)
    return Suite(passed, seconds, list(failed.items()), list(skipped.items()), slowest[:_MOST])


def _reasons(cases: list[ET.Element], *kinds: str) -> dict[str, str]:
    """Return why the tests ended in one of some ways, by their names."""
    reasons: dict[str, str] = {}
    for case in cases:
        for reason in (element.get("message", "") for kind in kinds for element in case.findall(kind)):
            reasons[_name(case)] = "\n".join(filter(None, (reasons.get(_name(case)), reason)))
    return reasons


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '')}.{case.attrib['name']}".lstrip(".")


def _coverage(path: Path) -> Coverage:
    root = ET.parse(path).getroot()  # noqa: S314 - written by our own tests
    numbers = {
        key: int(root.attrib[key]) for key in ("lines-valid", "lines-covered", "branches-valid", "branches-covered")
    }
    run = numbers["lines-covered"] + numbers["branches-covered"]
    percent = 100 * run / (numbers["lines-valid"] + numbers["branches-valid"])
    files = [(file.attrib["filename"], 100 * float(file.attrib["line-rate"])) for file in root.iter("class")]
    lowest = sorted((file for file in files if file[1] < 100), key=lambda file: file[1])
    return Coverage(percent, len(files), lowest[:_MOST])
