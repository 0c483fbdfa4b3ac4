"""The API of the product as it really runs, with the example feature in addition."""

import os

import workload_routes

import domain
from api import routes
from api.wsgi import settings
from common.discovery import modules_of
from common.feature import features_of
from common.metrics import FOLDER
from testing.example import EXAMPLE
from web.app import create_app
from web.front.app import fronted

app = create_app(settings, features=[*features_of(domain), EXAMPLE], blueprints=[*modules_of(routes), workload_routes])
front = fronted(app, settings, os.environ.get(FOLDER, ""))
