"""A job that is posted as soon as the API answers, and followed until it is done; standard library only.

Which job, and what comes of it, is told by the samples in the API's document, so that no feature is needed by name.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_POLL = 0.05


class FirstJobError(Exception):
    """The job was not done, or not right."""


@dataclass(frozen=True)
class Sample:
    """The address that accepts a job, the body of its sample, and the fields that its work fills, as they should be."""

    path: str
    body: dict[str, Any]
    filled: dict[str, Any]


def sample(root: Path) -> Sample | None:
    """Return the first sample of a job in the document of the API; None when no feature has jobs."""
    paths = json.loads((root / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    for path, operations in sorted(paths.items()):
        post = operations.get("post", {})
        one = next((other for other in paths if re.fullmatch(rf"{re.escape(path)}/{{\w+}}", other)), None)
        if one and "202" in post.get("responses", {}):
            accepted, done = _example(post["responses"]["202"]), _example(paths[one]["get"]["responses"]["200"])
            filled = {name: value for name, value in done.items() if accepted[name] is None and value is not None}
            return Sample(path, _example(post["requestBody"]), filled)
    return None


def follow(api: str, root: Path, check: Callable[[], None], *, timeout: float) -> None:
    """Wait until a job is done, or until the API is ready where no feature has jobs.

    Raises FirstJobError when that is not so within `timeout` seconds, and what `check` raises.
    """
    wanted = sample(root)
    if wanted is None:
        _until(lambda _: _answer(f"{api}/readyz"), "ready", check, timeout)
        return
    jobs = f"{api}{wanted.path}"
    last = _until(
        lambda job: _answer(f"{jobs}/{job['id']}") if job else _answer(jobs, wanted.body), "done", check, timeout
    )
    if wrong := {name: last[name] for name, value in wanted.filled.items() if last[name] != value}:
        raise FirstJobError(f"the result is not that of the sample: {wrong}")


def _until(
    ask: Callable[[dict[str, Any]], dict[str, Any]], status: str, check: Callable[[], None], timeout: float
) -> dict[str, Any]:
    """Ask, given the last answer, until it has a status; return the answer that has."""
    last: dict[str, Any] = {}
    deadline = time.monotonic() + timeout
    while last.get("status") != status:
        check()
        if time.monotonic() > deadline:
            raise FirstJobError(f"nothing was {status} within {timeout:.0f} s; the last answer: {last}")
        if last.get("status") in ("failed", "cancelled"):
            raise FirstJobError(f"the job is {last}")
        time.sleep(_POLL)
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            last = ask(last)
    return last


def _example(holder: dict[str, Any]) -> dict[str, Any]:
    example: dict[str, Any] = holder["content"]["application/json"]["example"]
    return example


def _answer(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the API answers to a GET, or to a POST when there is a body."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own address
        answer: dict[str, Any] = json.load(response)
        return answer
