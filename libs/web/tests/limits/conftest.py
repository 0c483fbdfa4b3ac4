"""An API that counts requests, and settings of its limits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from apiflask import APIFlask

from common.clients import Clients
from common.config import Settings
from testing.checked_client import checked

# Makes an API with these settings. It counts where the product does: on the server of the settings, if it can.
Limited = Callable[..., APIFlask]


@pytest.fixture
def limited(environ: dict[str, str], make: Callable[..., APIFlask]) -> Iterator[Limited]:
    with ExitStack() as opened:

        def made(**own: str) -> APIFlask:
            settings = Settings.load({**environ, "RATE_LIMITS": "on", **own}, env_files=())
            return checked(make(settings, opened.enter_context(Clients(settings))))

        yield made
