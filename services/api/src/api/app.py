"""The composition root of the API: the product's features and their routes, on the plumbing of `web`."""

from apiflask import APIFlask

import domain
import web.app
from api import routes
from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from common.feature import features_of


def create_app(settings: Settings, clients: Clients | None = None) -> APIFlask:
    """Return the API of the product: each module of `api.routes` brings its blueprint. Raises FeatureError."""
    return web.app.create_app(settings, clients, features=features_of(domain), blueprints=modules_of(routes))
