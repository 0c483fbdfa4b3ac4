"""Each connection to a server takes what `common.tls` makes of the settings."""

import re

from devkit import ROOT

CONNECTS = re.compile(r"\b(?:MongoClient|Connection|Redis|StrictRedis|Celery|WorkerApp)(?:\[\w, .]+\])?\(|\bfrom_url\(")
# A subclass is no connection.
CLASS = re.compile(r"(?m)^class .*$")


def test_connections_are_made_in_few_places() -> None:
    found = {}
    for path in [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]:
        text = CLASS.sub("", path.read_text("utf-8"))
        if "/testing/" not in str(path) and CONNECTS.search(text):
            found[path.name] = "tls." in text or "celery_settings" in text
    assert found == {"mongo.py": True, "queue.py": True, "app.py": True}
