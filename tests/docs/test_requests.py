"""The requests in the documents, typed as they stand there, against the running stack."""

import json

import pytest
from tests.e2e.conftest import Stack

from .blocks import run_by
from .typing_requests import of_the_readme, shell, typed

pytestmark = pytest.mark.e2e


def test_the_first_request_of_the_readme_works_as_it_stands_there(stack: Stack) -> None:
    written = json.loads(shell(typed(of_the_readme()[0], stack)))
    assert (written["title"], written["version"]) == ("Shopping", 1)
    assert stack.http.get(f"/api/v1/notes/{written['id']}").json() == written


def test_the_requests_of_the_other_documents_are_answered_well(stack: Stack) -> None:
    for each in run_by("a running stack"):
        if each.page != "README.md":
            commands = each.commands()
            assert [line for line in commands if not line.startswith("curl -fsS ")] == [], each.place
            for command in commands:
                assert shell(typed(command, stack)), each.place
