"""What is left of a request that was answered."""

import asyncio
import gc
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from web.front.app import Front
from web.front.body import BodyReader
from web.front.liveness import Liveness
from web.front.threads import Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Request:
    """A request of the server's: what the front has of it are its two methods."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    async def receive(self) -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)


def refuse(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
    """Answer as Flask does: the exception is handled, its frames and the environment hold each other."""
    try:
        int("late")
    except ValueError as error:
        environ["refusal"] = error
    start("408 Request Timeout", [])
    return [b"late"]


def fail(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
    environ["failure"] = LookupError()
    raise environ["failure"]


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(("app", "status"), [(refuse, 408), (fail, 500)])
def test_an_answered_request_is_let_go_before_garbage_is_collected(app: Any, status: int, tmp_path: Path) -> None:
    front = Front(app, Threads(1), BodyReader(100, 1), Liveness(1, 1, str(tmp_path)))
    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "scheme": "http", "method": "POST", "path": "/"}
    scope |= {"raw_path": b"/", "query_string": b"", "headers": [], "server": None, "client": None}

    async def answer() -> "weakref.ref[Request]":
        request = Request()
        await front(scope, request.receive, request.send)
        assert request.sent[0]["status"] == status
        return weakref.ref(request)

    async def wait_for_end() -> bool:
        request = await answer()
        # The thread lets go of it a moment after the answer.
        for _ in range(100):
            if request() is None:
                return True
            await asyncio.sleep(0.02)
        return False

    assert asyncio.run(wait_for_end())
