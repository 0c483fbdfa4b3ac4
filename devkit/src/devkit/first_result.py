"""A resource that is posted as soon as the API answers, and followed until it is whole; standard library only.

Which resource, and what comes of it, is told by the samples in the API's document, so no feature is needed by name.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_POLL = 0.05


class FirstResultError(Exception):
    """The resource did not become what its sample shows."""


@dataclass(frozen=True)
class Sample:
    """The address to post to, the body of its sample, and what the answer has to show in the end."""

    path: str
    body: dict[str, Any]
    shown: dict[str, Any]


def sample(root: Path) -> Sample | None:
    """Return a sample of the document of the API: one that is accepted for later, or else one that is stored at once.

    None when no feature has either.
    """
    paths = json.loads((root / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    found = [one for status in ("202", "201") for one in _samples(paths, status)]
    return found[0] if found else None


def _samples(paths: dict[str, Any], status: str) -> Iterator[Sample]:
    for path, operations in sorted(paths.items()):
        post = operations.get("post", {})
        one = next((other for other in paths if re.fullmatch(rf"{re.escape(path)}/{{\w+}}", other)), None)
        if one and status in post.get("responses", {}):
            posted, whole = _example(post["responses"][status]), _example(paths[one]["get"]["responses"]["200"])
            filled = {name: value for name, value in whole.items() if posted[name] is None and value is not None}
            state = {"status": whole["status"]} if "status" in whole else {}
            yield Sample(path, _example(post["requestBody"]), {**filled, **state})


def follow(
    api: str, root: Path, check: Callable[[], None], *, timeout: float, headers: Mapping[str, str] | None = None
) -> None:
    """Wait until a resource is whole, or until the API is ready where no feature has a sample of one.

    Each request brings the headers. Raises FirstResultError when that is not so within `timeout` seconds, and what
    `check` raises.
    """
    wanted = sample(root)
    if wanted is None:
        _until(lambda _: _answer(f"{api}/readyz"), "ready", check, timeout)
        return
    all_of_them = f"{api}{wanted.path}"

    def ask(last: dict[str, Any]) -> dict[str, Any]:
        if last:
            return _answer(f"{all_of_them}/{last['id']}", headers=headers)
        return _answer(all_of_them, wanted.body, headers=headers)

    last = _until(ask, wanted.shown.get("status"), check, timeout)
    if wrong := {name: last[name] for name, value in wanted.shown.items() if last[name] != value}:
        raise FirstResultError(f"it is not that of the sample: {wrong}")


def _until(
    ask: Callable[[dict[str, Any]], dict[str, Any]], status: str | None, check: Callable[[], None], timeout: float
) -> dict[str, Any]:
    """Ask, given the last answer, until there is one with a status; return it."""
    last: dict[str, Any] = {}
    deadline = time.monotonic() + timeout
    while not last or last.get("status") != status:
        check()
        if time.monotonic() > deadline:
            raise FirstResultError(
                f"nothing was {status or 'answered'} within {timeout:.0f} s; the last answer: {last}"
            )
        if last.get("status") in ("failed", "cancelled"):
            raise FirstResultError(f"it is {last}")
        time.sleep(_POLL)
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            last = ask(last)
    return last


def _example(holder: dict[str, Any]) -> dict[str, Any]:
    example: dict[str, Any] = holder["content"]["application/json"]["example"]
    return example


def _answer(
    url: str, body: dict[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the API answers to a GET, or to a POST when there is a body."""
    data = json.dumps(body).encode() if body else None
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data, all_headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own address
        answer: dict[str, Any] = json.load(response)
        return answer
