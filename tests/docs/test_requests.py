"""The requests in the documents, typed as they stand there, against the running stack."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.e2e.conftest import VARIATIONS, Stack
from tests.e2e.report import finished

from .blocks import blocks, run_by

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", params=VARIATIONS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack, in each variation."""
    with ExitStack() as stops:
        yield Stack(tmp_path_factory.mktemp(request.param), VARIATIONS[request.param], stops)


def test_the_requests_of_the_readme_work_as_they_stand_there(stack: Stack) -> None:
    (block,) = [each for each in blocks("README.md") if "curl" in each.text]
    post, get = block.text.strip().replace("localhost:8000", stack.components["api"]["url"]).splitlines()
    accepted = json.loads(shell(post))
    assert accepted["status"] == "pending"
    done = stack.until(lambda: [each for each in json.loads(shell(get))["items"] if each["status"] == "done"])
    assert accepted["id"] in {each["id"] for each in done} or finished(stack, accepted)["status"] == "done"


def test_the_requests_of_the_other_documents_are_answered_well(stack: Stack) -> None:
    for each in run_by("a running stack"):
        if each.page != "README.md":
            commands = each.commands()
            assert [line for line in commands if not line.startswith("curl -fsS ")] == [], each.place
            for command in commands:
                assert shell(command.replace("localhost:8000", stack.components["api"]["url"])), each.place


def shell(command: str) -> str:
    return subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout
