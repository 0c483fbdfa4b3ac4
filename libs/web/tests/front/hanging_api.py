"""An API with two routes of its own: `/hang` never answers, `/busy/SECONDS` takes its time."""

import os
import threading
import time

from common.metrics import FOLDER
from web.app import create_app
from web.entry import begin
from web.front.app import fronted

settings = begin(os.environ, [])
application = create_app(settings, features=[], blueprints=[])


@application.get("/hang")
def hang() -> str:
    threading.Event().wait()
    return ""


@application.get("/busy/<float:seconds>")
def work(seconds: float) -> dict[str, int]:
    time.sleep(seconds)
    return {"pid": os.getpid()}


app = fronted(application, settings, os.environ.get(FOLDER, ""))
