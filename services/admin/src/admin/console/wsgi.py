"""The WSGI application over the settings of the environment."""

import logging
import os

from admin.console.app import create_app
from admin.console.settings import ConsoleSettings, password_hash
from admin.features import SECTIONS
from common.clients import Clients
from common.config import Settings
from common.environment import clean
from common.logging import setup

# Another server may load this module, and Flask reads its variables later.
clean(os.environ)
settings = Settings.load_or_exit(os.environ, sections=(*SECTIONS, ConsoleSettings))
setup(settings, service="console")
# At INFO it logs every request to the API, one for each refresh of the page.
logging.getLogger("httpx2").setLevel(logging.WARNING)
app = create_app(settings, Clients(settings), password_hash(settings), settings.section(ConsoleSettings).host)
