"""What a route may ask its app for."""

from typing import cast

from flask import current_app

from common.clients import Clients
from common.config import Settings


def settings() -> Settings:
    """The settings of the app that handles this request."""
    return cast("Settings", current_app.extensions["settings"])


def clients() -> Clients:
    """The clients of the app that handles this request."""
    return cast("Clients", current_app.extensions["clients"])
