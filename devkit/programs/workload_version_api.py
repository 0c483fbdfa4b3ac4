"""The API of one version of a product that has nothing but the example feature; PYTHONPATH leads to its `domain`."""

import os

import workload_routes

import domain
from common.feature import features_of
from common.metrics import FOLDER
from web.app import create_app
from web.entry import begin
from web.front.app import fronted

features = features_of(domain)
settings = begin(os.environ, features)
app = fronted(
    create_app(settings, features=features, blueprints=[workload_routes]), settings, os.environ.get(FOLDER, "")
)
