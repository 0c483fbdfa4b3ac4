"""The greeting over HTTP."""

import pytest

from .conftest import Stack

pytestmark = pytest.mark.e2e


def test_hello(stack: Stack) -> None:
    assert stack.http.get("/api/v1/hello").json() == {"message": "hello"}
