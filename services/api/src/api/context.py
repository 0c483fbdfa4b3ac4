"""What a route may ask its app for."""

from typing import cast

from flask import current_app

from common.clients import Clients
from common.config import Settings
from jobs.backlog import Backlog


def settings() -> Settings:
    """The settings of the app that handles this request."""
    return cast("Settings", current_app.extensions["settings"])


def clients() -> Clients:
    """The clients of the app that handles this request."""
    return cast("Clients", current_app.extensions["clients"])


def backlog() -> Backlog:
    """The limit of pending jobs, as the app that handles this request knows it."""
    return cast("Backlog", current_app.extensions["backlog"])
