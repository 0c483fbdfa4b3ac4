"""Reports in the console, with JavaScript and without."""

import uuid
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Keys
from tests.e2e.conftest import Stack
from tests.e2e.report import finished, post

from .conftest import Browser, Console

pytestmark = pytest.mark.e2e


def test_without_javascript_a_report_is_posted_by_the_form_and_seen_done(
    stack: Stack, console: Console, browser: Callable[..., Browser]
) -> None:
    page, title = browser(javascript=False), f"<i>{uuid.uuid4()}</i>"
    page.driver.get(console.url)
    page.find("#report-title").send_keys(title)
    page.find("#report-numbers").send_keys("3.5, 1\n4 1 5")
    page.find("form button").click()
    row = f"#{stack.until(lambda: urlsplit(page.driver.current_url).fragment)}"
    stack.until(lambda: title in page.text(row))

    def done() -> bool:
        page.find("#refresh").click()
        return "done" in page.text(row)

    stack.until(done)
    assert page.find(f"{row} svg").accessible_name == f"Histogram of {title}"
    assert "2.9" in page.find(f"{row} dl").text
    assert page.requested() == {"127.0.0.1"}
    assert page.connected() == {urlsplit(console.url).netloc}


def test_with_javascript_and_no_mouse_a_report_is_posted_and_the_page_renews_itself(
    stack: Stack, console: Console, browser: Callable[..., Browser]
) -> None:
    page, title = browser(javascript=True), f"<i>{uuid.uuid4()}</i>"
    page.driver.get(console.url)
    while page.driver.switch_to.active_element.get_attribute("id") != "report-title":
        page.type(Keys.TAB)
    page.type(title, Keys.TAB)
    page.type("3.5, 1 4 1 5", Keys.TAB)
    page.type(Keys.ENTER)
    row = stack.until(lambda: urlsplit(page.driver.current_url).fragment)
    stack.until(lambda: "done" in page.text(f"#{row}"))

    page.find("#report-numbers").send_keys("half typed")
    link = page.find(f"#{row} a")
    page.driver.execute_script("arguments[0].focus()", link)
    other = finished(stack, post(stack, title="Posted elsewhere"))
    stack.until(lambda: page.all(f"#report-{other['id']}"))
    stack.until(lambda: page.text("#news") == "Posted elsewhere: done.")
    assert page.driver.switch_to.active_element == link
    assert page.find("#report-numbers").get_attribute("value") == "half typed"
    assert page.complaints() == []
    assert page.requested() == {"127.0.0.1"}
    assert page.connected() == {urlsplit(console.url).netloc}


def test_a_screen_reader_finds_every_part_of_the_page(
    stack: Stack, console: Console, browser: Callable[..., Browser]
) -> None:
    finished(stack, post(stack))
    page = browser(javascript=True)
    page.driver.get(console.url)
    regions = [(each.aria_role, each.accessible_name) for each in page.all("header, nav, main, section, form, footer")]
    assert regions == [
        ("banner", ""),
        ("navigation", "Documents"),
        ("main", ""),
        ("region", "The stack"),
        ("region", "Reports"),
        ("form", "Create a report"),
        ("contentinfo", ""),
    ]
    levels = [int(each.tag_name[1]) for each in page.all("h1, h2, h3, h4, h5, h6")]
    assert levels[:2] == [1, 2]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    fields = [each.accessible_name for each in page.all("input:not([type=hidden]), textarea, button, progress, svg")]
    assert {"Title", "Numbers", "Create the report", "Pause", "Histogram of Numbers"} <= set(fields)
    assert all(fields)
    for field in page.all("a, button, input:not([type=hidden]), textarea"):
        if field.is_displayed():
            page.driver.execute_script("arguments[0].focus({focusVisible: true})", field)
            assert field.value_of_css_property("outline-style") == "solid"
    assert page.all("[aria-live=polite]") == [page.find("#news")]
    page.driver.set_window_size(320, 640)
    assert page.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
