"""The API with two routes more: `/hang` never answers, `/work/SECONDS` takes its time."""

import os
import threading
import time

from api.front.app import fronted
from api.wsgi import app as application
from api.wsgi import settings
from common.metrics import FOLDER


@application.get("/hang")
def hang() -> str:
    threading.Event().wait()
    return ""


@application.get("/work/<float:seconds>")
def work(seconds: float) -> dict[str, int]:
    time.sleep(seconds)
    return {"pid": os.getpid()}


app = fronted(application, settings, os.environ.get(FOLDER, ""))
