"""The WSGI application over the settings of the environment; `api.asgi` puts its front before it."""

import os

import domain
from api.app import create_app
from common.feature import features_of
from web.entry import begin

settings = begin(os.environ, features_of(domain))
app = create_app(settings)
