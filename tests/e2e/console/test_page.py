"""The page of the console."""

import os
import signal
from collections.abc import Callable

import pytest
from tests.e2e.conftest import Stack

from .conftest import Browser, Console

pytestmark = pytest.mark.e2e


def test_a_page_whose_console_does_not_answer_says_so_and_looks_so(
    stack: Stack, console: Console, browser: Callable[..., Browser]
) -> None:
    page = browser(javascript=True)
    page.driver.get(console.url)
    stack.until(lambda: page.text(".verdict") == "Everything works.")
    name = page.driver.title
    os.killpg(console.process.pid, signal.SIGSTOP)
    try:
        stack.until(lambda: page.text(".verdict").startswith("The console has not answered since "))
        assert page.text(".verdict").endswith(" UTC.")
        assert page.text("#news") == "The console does not answer; below is the last known state."
        assert page.driver.title == f"No answer: {name}"
        # No word, mark or colour says that something works.
        assert {each.text for each in page.all(".components strong")} == {"unknown"}
        assert page.all(".up, .verdict:not(.down)") == []
        assert page.find(".components li").value_of_css_property("border-top-style") == "dashed"
    finally:
        os.killpg(console.process.pid, signal.SIGCONT)
    stack.until(lambda: page.text(".verdict") == "Everything works.")
    assert {each.text for each in page.all(".components strong")} == {"up"}
    assert page.driver.title == name
    assert page.find(".components li").value_of_css_property("border-top-style") == "solid"
