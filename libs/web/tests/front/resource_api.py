"""An API as it really runs, with the feature that only tests use."""

import os

import resource_routes  # type: ignore[import-not-found]  # on the path of the process that the tests start

from common.metrics import FOLDER
from testing.resource import RESOURCE
from web.app import create_app
from web.entry import begin
from web.front.app import fronted

settings = begin(os.environ, [RESOURCE])
application = create_app(settings, features=[RESOURCE], blueprints=[resource_routes])
app = fronted(application, settings, os.environ.get(FOLDER, ""))
