"""The WSGI application over the settings of the environment; `api.asgi` puts its front before it."""

import os

import domain
from api.app import create_app
from common import tls
from common.config import Settings
from common.environment import clean
from common.feature import features_of, sections
from common.logging import setup
from common.metrics import join

# Another server than ours may load this; libraries ask for their variables later.
clean(os.environ)
settings = Settings.load_or_exit(os.environ, sections=sections(features_of(domain)))
setup(settings, service="api")
tls.warn(settings)
join()
app = create_app(settings)
