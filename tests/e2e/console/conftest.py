"""The console in a real browser, which keeps a log of what it asks the network for."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from tests.e2e.conftest import Stack

from testing.variations import VARIATIONS

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
