import json
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest
from pymongo.database import Database

from admin.collections import INDEXES
from admin.commands import jobs as jobs_command
from common.mongo import Document, apply_indexes
from jobs import stats
from jobs.model import JobKind, new_job
from jobs.stats import job_stats
from jobs.store import JobStore
from jobs.ticks import COLLECTION, tick

from .conftest import Run

# Of every job, with room for a slow machine.
AGE, AGE_SHOWN = timedelta(minutes=200), "3h"
# In a collection that every product has, whatever its features.
COMPUTE, PURGE = tick("test.compute", every=lambda _: 1), tick("test.purge", every=lambda _: 1)


Post = Callable[..., str]


@pytest.fixture
def jobs(in_process: Callable[[ModuleType], Run], database: Database[Document]) -> Run:
    apply_indexes(database, INDEXES)
    return in_process(jobs_command)


@pytest.fixture
def post(database: Database[Document]) -> Post:
    """Insert a job in a state."""

    def insert(job_id: str, state: str = "pending", kind: JobKind = COMPUTE, error: str | None = None) -> str:
        job = new_job(kind, request_id="r1")
        job["created_at"] -= AGE
        document = {"_id": job_id, "title": "a secret title", "values": [98765.25], "job": job}
        database[kind.collection].insert_one(document)
        store = JobStore(database[kind.collection])
        if state == "cancelled":
            store.cancel(job_id)
        elif state != "pending":
            held = store.claim(job_id, name=kind.name, owner="worker1")
            assert held is not None
            store.fail(held, error or "it broke") if state == "failed" else None
            store.finish(held, {}) if state == "done" else None
        return job_id

    return insert


def test_an_unexpected_error_is_shown_as_it_was(jobs: Run, post: Post, database: Database[Document]) -> None:
    post("one")
    store = JobStore(database[COMPUTE.collection])
    held = store.claim("one", name=COMPUTE.name, owner="worker1")
    assert held is not None
    store.retry(held, "told to clients", detail="ValueError: $secret")
    assert "ValueError: $secret" in jobs("list")[1]
    shown = jobs("show", "one")[1]
    assert ("told to clients" in shown, "ValueError: $secret" in shown) == (True, True)


def listed(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines()[1:]]


def test_open_jobs_are_listed_what_failed_first_and_then_the_oldest(jobs: Run, post: Post) -> None:
    for job_id, state in (("one", "pending"), ("two", "failed"), ("three", "pending"), ("four", "running")):
        post(job_id, state)
    post("five", "done")
    post("tick", kind=PURGE)
    code, output, _ = jobs("list")
    assert (code, listed(output)) == (0, ["two", "four", "one", "three", "tick"])
    assert output.splitlines()[0].split() == ["id", "name", "state", "attempts", "age", "error"]
    assert output.splitlines()[1].split(maxsplit=5) == ["two", "test.compute", "failed", "1", AGE_SHOWN, "it broke"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--state", "failed"], ["c"]),
        (["--state", "done"], ["d"]),
        (["--state", "cancelled"], ["e"]),
        (["--name", "test.purge"], ["t"]),
        (["--limit", "2"], ["c", "b"]),
        (["--older-than", "3h"], ["c", "b", "a", "t"]),
        (["--older-than", "4h"], []),
        (["--state", "done", "--older-than", "4h"], []),
    ],
)
def test_a_listing_can_be_narrowed(jobs: Run, post: Post, arguments: list[str], expected: list[str]) -> None:
    states = {"a": "pending", "b": "running", "c": "failed", "d": "done", "e": "cancelled"}
    for job_id, state in states.items():
        post(job_id, state)
    post("t", kind=PURGE)
    code, output, said = jobs("list", *arguments)
    assert (code, listed(output)) == (0, expected)
    assert ("There are more" in said, "no such job" in said) == ("--limit" in arguments, not expected)


def test_an_error_that_would_steer_a_terminal_does_not(jobs: Run, post: Post) -> None:
    post("a", "failed", error="\x1b]0;owned\x07 two\nlines " + "x" * 100)
    _, output, _ = jobs("list")
    assert "?]0;owned? two lines xxx" in output
    assert output.endswith("x…\n")


def test_a_listing_for_programs_is_json(jobs: Run, post: Post) -> None:
    post("a", "failed")
    code, output, _ = jobs("list", "--json")
    (found,) = json.loads(output)
    assert (code, found["id"], found["collection"], found["state"], found["error"]) == (
        0,
        "a",
        "ticks",
        "failed",
        "it broke",
    )


def test_all_is_shown_of_a_job_but_nothing_of_what_it_is_about(jobs: Run, post: Post) -> None:
    post("a", "failed")
    for flags in ([], ["--json"]):
        code, output, _ = jobs("show", "a", *flags)
        assert code == 0
        for known in ("test.compute", "failed", "it broke", "r1", "title", "values", "finished_at", "created_at"):
            assert known in output
        assert "secret" not in output
        assert "98765.25" not in output
    assert jobs("show", "nothing") == (1, "", "There is no job nothing.\n")


def test_failed_jobs_are_tried_again_and_others_refused_with_the_reason(
    jobs: Run, post: Post, database: Database[Document]
) -> None:
    for job_id, state in (("a", "failed"), ("b", "failed"), ("c", "done"), ("d", "running")):
        post(job_id, state)
    code, _, said = jobs("retry", "a", "b", "c", "d", "nothing")
    assert code == 1
    assert said.splitlines() == [
        "a is pending again.",
        "b is pending again.",
        "c is done; only a failed job can be tried again.",
        "d is running; only a failed job can be tried again.",
        "nothing is no job.",
    ]
    claim = JobStore(database[COLLECTION]).claim("a", name=COMPUTE.name, owner="w")
    assert claim is not None
    assert claim.attempt == 2
    assert jobs("retry", "b")[0] == 1


def test_all_failed_jobs_are_tried_again_or_those_of_a_name(
    jobs: Run, post: Post, database: Database[Document]
) -> None:
    for number in range(3):
        post(f"r{number}", "failed")
    post("t", "failed", kind=PURGE)
    assert jobs("retry", "--all-failed", "--name", "test.purge")[2] == "1 failed jobs are pending again.\n"
    assert jobs("retry", "--all-failed", "--json") == (0, '{"changed": 3}\n', "")
    assert {each.state for each in job_stats(database, [COLLECTION])} == {"pending"}


@pytest.mark.parametrize("arguments", [[], ["a", "--all-failed"]])
def test_it_must_be_clear_which_jobs_are_to_be_tried_again(jobs: Run, arguments: list[str]) -> None:
    code, _, said = jobs("retry", *arguments)
    assert (code, "--all-failed" in said) == (2, True)


def test_live_jobs_are_cancelled_and_others_refused(jobs: Run, post: Post, database: Database[Document]) -> None:
    for job_id, state in (("a", "pending"), ("b", "running"), ("c", "failed")):
        post(job_id, state)
    assert jobs("cancel", "a", "b")[0] == 0
    code, output, _ = jobs("cancel", "c", "--json")
    reason = "is failed; only a pending or running job can be cancelled"
    assert (code, json.loads(output)) == (1, {"changed": [], "refused": {"c": reason}})
    states = {each["_id"]: each["job"]["state"] for each in database[COLLECTION].find()}
    assert states == {"a": "cancelled", "b": "cancelled", "c": "failed"}


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--limit", "x"], ["--older-than", "1y"], ["--state", "lost"]])
def test_rubbish_is_refused(jobs: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        jobs("list", *arguments)
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_open_jobs_are_counted_by_name_and_state(jobs: Run, post: Post) -> None:
    assert jobs("stats") == (0, "", "No job is open.\n")
    for job_id, state in (("one", "pending"), ("two", "failed"), ("three", "pending"), ("four", "done")):
        post(job_id, state)
    code, output, _ = jobs("stats")
    assert (code, [line.split() for line in output.splitlines()]) == (
        0,
        [
            ["name", "state", "jobs", "oldest"],
            ["test.compute", "pending", "2", AGE_SHOWN],
            ["test.compute", "failed", "1", AGE_SHOWN],
        ],
    )
    pending, failed = json.loads(jobs("stats", "--json")[1])
    assert (pending["count"], pending["capped"], failed["state"]) == (2, False, "failed")


def test_what_was_not_counted_to_its_end_is_told_as_such(
    jobs: Run, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stats, "COUNTED", 2)
    monkeypatch.setattr(jobs_command, "COUNTED", 2)
    for job_id in ("one", "two", "three"):
        post(job_id)
    assert jobs("stats")[1].splitlines()[1].split() == ["test.compute", "pending", "2+", AGE_SHOWN]
    assert json.loads(jobs("stats", "--json")[1])[0]["capped"]
