"""`invoke stress`: what it refuses, and what breaks its limits."""

from dataclasses import dataclass

import pytest

from devkit import ports
from devkit.commands.collection import collection
from devkit.commands.stress import stress
from devkit.stress.harness.outcome import breaches, rows_of, table
from devkit.stress.locust import environment
from devkit.stress.run import allowed_host, check_reachable
from devkit.terminal import CommandError

from .conftest import ROOT, Refusal, run_in


@dataclass
class Figures:
    """Stands in for locust's StatsEntry; every time is the same."""

    method: str
    name: str
    num_requests: int
    num_failures: int = 0
    total_rps: float = 1.5
    milliseconds: float = 20

    def get_response_time_percentile(self, percent: float) -> float:
        return self.milliseconds


ENTRIES = [
    Figures("WORK", "note: POST to done", 10, milliseconds=900),
    Figures("POST", "/notes", 10, milliseconds=70),
    Figures("GET", "/hello", 80, num_failures=2),
]
ROWS = rows_of(ENTRIES, Figures("", "Aggregated", 90, 2))


@pytest.mark.parametrize(
    "arguments",
    [
        "--users=-5",
        "--users=0",
        "--users=many",
        "--users=²",
        "--spawn-rate=nan",
        "--spawn-rate=inf",
        "--run-time=soon",
        "--run-time=0s",
        "--run-time=",
        "--run-time=5s1h",
        "--processes=65",
        "--max-fail-ratio=1.1",
        "--max-p95=0",
        "--web-port=65536",
        "--host=localhost",
        "--host=ftp://localhost",
        "--host=http://localhost:99999",
    ],
)
def test_an_invalid_option_is_refused_in_one_line_that_names_it(arguments: str, refusal: Refusal) -> None:
    assert arguments.partition("=")[0] in refusal(stress, arguments)


@pytest.mark.parametrize("host", ["http://localhost", "http://127.0.0.1:8000/", "http://127.9.9.9", "http://[::1]:80"])
def test_this_machine_may_be_stressed(host: str) -> None:
    assert allowed_host(host, owned=False) == host.rstrip("/")


@pytest.mark.parametrize(
    "host",
    [
        "http://example.com",
        "http://localhost.example.com",
        "http://localhost@10.0.0.1",
        "http://0.0.0.0",
        "http://[::]",
    ],
)
def test_another_host_may_be_stressed_by_its_owner_only(host: str) -> None:
    with pytest.raises(CommandError, match="--i-own-this-host"):
        allowed_host(host, owned=False)
    assert allowed_host(host, owned=True) == host


def test_a_host_where_nobody_listens_is_one_clear_line() -> None:
    with pytest.raises(CommandError, match=r"cannot be reached: .*refused"):
        check_reachable(f"http://127.0.0.1:{ports.unused()}")


@pytest.mark.parametrize("name", ["LOCUST_USERS", "LOCUST_HOST", "LOCUST_RUN_TIME"])
def test_no_variable_of_locust_asks_for_another_load(name: str) -> None:
    assert environment({name: "x", "PATH": "/bin", "LOG_LEVEL": "any"}) == {"PATH": "/bin", "LOG_LEVEL": "any"}


def test_work_stands_below_the_requests_and_are_in_no_total() -> None:
    assert [row.name for row in ROWS] == ["GET /hello", "POST /notes", "all requests", "note: POST to done"]
    lines = table(ROWS).splitlines()
    assert lines[0].split("  ")[0] == "request"
    assert lines[2].split() == ["POST", "/notes", "10", "1.5", "70", "70", "70", "0"]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("ratio", "p95", "found"),
    [
        (0.02, None, []),
        (0.02, 70, []),
        (0, None, ["2 of 100 failed, 2.00%; allowed are 0.00%"]),
        (0.019, None, ["2 of 100 failed, 2.00%; allowed are 1.90%"]),
        (1, 50, ["POST /notes: p95 is 70 ms; allowed are 50 ms"]),
        (1, 10, ["GET /hello: p95 is 20 ms; allowed are 10 ms", "POST /notes: p95 is 70 ms; allowed are 10 ms"]),
    ],
)
def test_a_limit_is_broken_by_failures_and_by_each_slow_kind_of_request(
    ratio: float, p95: float | None, found: list[str]
) -> None:
    assert breaches(ROWS, max_fail_ratio=ratio, max_p95=p95) == found


def test_a_run_without_any_answer_is_a_breach() -> None:
    assert breaches([], max_fail_ratio=1, max_p95=None) == ["nothing was answered, so nothing was measured"]


def test_the_menu_has_the_command_and_a_host_takes_no_letter_from_help() -> None:
    assert stress.name in collection().task_names
    assert "--i-own-this-host" in run_in(ROOT, "-m", "devkit", "stress", "-h").stdout
