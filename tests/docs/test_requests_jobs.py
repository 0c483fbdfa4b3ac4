"""The requests about reports in README.md, typed as they stand there, against the running stack."""

import json

import pytest
from tests.e2e.conftest import Stack
from tests.e2e.report import finished

from .typing_requests import of_the_readme, shell, typed

pytestmark = pytest.mark.e2e


def test_a_report_is_pending_then_done(stack: Stack) -> None:
    post, get = (typed(command, stack) for command in of_the_readme()[1:])
    accepted = json.loads(shell(post))
    assert accepted["status"] == "pending"
    done = stack.until(lambda: [each for each in json.loads(shell(get))["items"] if each["status"] == "done"])
    assert accepted["id"] in {each["id"] for each in done} or finished(stack, accepted)["status"] == "done"
