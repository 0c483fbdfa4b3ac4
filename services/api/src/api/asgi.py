"""What the HTTP server loads: the WSGI application behind its front."""

import os

from api.wsgi import app as application
from api.wsgi import settings
from common.metrics import FOLDER
from web.front.app import fronted

app = fronted(application, settings, os.environ.get(FOLDER, ""))
