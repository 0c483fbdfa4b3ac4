"""The console in a real browser, with JavaScript and without, and what the browser asks the network for."""

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from .conftest import VARIATIONS, Stack
from .report import finished, post

pytestmark = pytest.mark.e2e

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # What the browser itself requests from the internet finds no address; nor would the page, and the log shows it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Browser:
    """A Chromium with a profile of its own, which keeps a log of its network."""

    def __init__(self, folder: Path, *, javascript: bool, stops: ExitStack) -> None:
        self._netlog = folder / "network.json"
        options = ChromeOptions()
        options.binary_location = program("chromium")
        for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={self._netlog}"):
            options.add_argument(flag)
        if not javascript:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = Chrome(options=options, service=Service(program("chromedriver")))
        self.quit = stops.enter_context(ExitStack())
        self.quit.callback(self.driver.quit)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Return the text of an element; nothing while its page is being loaded."""
        with suppress(NoSuchElementException, StaleElementReferenceException):
            return self.find(selector).text
        return ""

    def type(self, *keys: str) -> None:
        """Type into the element that has the focus, as a person without a mouse does."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call] # selenium has no type
        return entries

    def complaints(self) -> list[str]:
        """Return what the browser's log says, such as what the policy of the page has blocked."""
        return [entry["message"] for entry in self._log("browser")]

    def requested(self) -> set[str]:
        """Return the hosts that pages have sent requests to."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        asked = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return {str(urlsplit(url).hostname) for url in asked if urlsplit(url).scheme not in ("chrome", "data")}

    def connected(self) -> set[str]:
        """End the browser; return the addresses to which it has opened a connection, for pages or not."""
        self.quit.close()
        log = json.loads(self._netlog.read_text(encoding="utf-8"))
        attempt = log["constants"]["logEventTypes"]["TCP_CONNECT_ATTEMPT"]
        found = [event.get("params", {}).get("address") for event in log["events"] if event["type"] == attempt]
        return {address for address in found if address}


def program(name: str) -> str:
    """Return the path of a program. Where it is not installed the test is skipped, but never in CI."""
    if found := shutil.which(name):
        return found
    message = f"{name} was not found. On Debian: apt install chromium chromium-driver"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Open browsers, and end them with the test."""
    with ExitStack() as stops:
        yield lambda *, javascript: Browser(tmp_path, javascript=javascript, stops=stops)


@pytest.fixture(scope="module")
def stack(stacks: Callable[[str], Stack]) -> Stack:
    """Provide the stack in one variation; the console is the same with another."""
    return stacks(next(iter(VARIATIONS)))


@dataclass
class Console:
    """A running console and its address."""

    process: subprocess.Popen[bytes]
    url: str


@pytest.fixture(scope="module")
def console(stack: Stack) -> Iterator[Console]:
    """Provide the console of that stack, as an operator starts it."""
    environ = stack.environ
    command = [sys.executable, "-m", "admin.console"]
    url = f"http://127.0.0.1:{environ['CONSOLE_PORT']}"
    process = subprocess.Popen(command, env=environ, start_new_session=True)
    try:
        stack.until(lambda: answers(url) or process.poll() is not None)
        yield Console(process, url)
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


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
        assert page.find("table").value_of_css_property("border-top-style") == "dashed"
    finally:
        os.killpg(console.process.pid, signal.SIGCONT)
    stack.until(lambda: page.text(".verdict") == "Everything works.")
    assert {each.text for each in page.all(".components strong")} == {"up"}
    assert page.driver.title == name
    assert page.find("table").value_of_css_property("border-top-style") == "solid"


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
