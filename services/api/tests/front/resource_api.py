"""The API as it really runs, with the feature that only tests use beside those of the product."""

import os

import resource_routes  # type: ignore[import-not-found]  # on the path of the process that the tests start

import domain
from api import routes
from api.app import create_app
from api.front.app import fronted
from api.wsgi import settings
from common.discovery import modules_of
from common.feature import features_of
from common.metrics import FOLDER
from testing.resource import RESOURCE

features, blueprints = [*features_of(domain), RESOURCE], [*modules_of(routes), resource_routes]
app = fronted(create_app(settings, features=features, blueprints=blueprints), settings, os.environ.get(FOLDER, ""))
