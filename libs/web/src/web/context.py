"""What a route takes from its app and its request."""

from typing import cast

from flask import current_app, g
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.logging import REQUEST_ID
from common.migrations.standing import Fitness
from common.mongo import Document
from common.owner import EVERYBODY, Owner
from common.paging import Pages


def settings() -> Settings:
    """Return the settings of the app that handles this request."""
    return cast("Settings", current_app.extensions["settings"])


def clients() -> Clients:
    """Return the clients of the app that handles this request."""
    return cast("Clients", current_app.extensions["clients"])


def fitness() -> Fitness:
    """Return what tells whether the database fits the code of this app."""
    return cast("Fitness", current_app.extensions["fitness"])


def database() -> Database[Document]:
    """Return the product's database, on the connection of this process."""
    return clients().database


def owner() -> Owner:
    """Return whose resources this request may see and make."""
    return cast("Owner", g.get("owner", EVERYBODY))


def pages() -> Pages:
    """Return what finds pages of listings, with cursors that only this API can sign."""
    return Pages(settings().secret_key.get_secret_value())


def request_id() -> str:
    """Return the id of this request."""
    return REQUEST_ID.get()
