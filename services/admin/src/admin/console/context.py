"""What the routes and the panels of one console work with."""

from dataclasses import dataclass

from common.clients import Clients
from common.config import Settings


@dataclass(frozen=True)
class Console:
    """The settings, and the clients over them."""

    settings: Settings
    clients: Clients

    @property
    def api(self) -> str:
        """The address of the API, as a browser on this machine reaches it."""
        host = self.settings.api_host
        # These bind to every address of the machine, and are no address to connect to.
        local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, never bound to
        return f"http://{f'[{local}]' if ':' in local else local}:{self.settings.api_port}"
