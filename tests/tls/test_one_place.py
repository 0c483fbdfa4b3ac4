"""Each connection to a server takes what a module `tls` makes of the settings."""

import re
from importlib import import_module

from common import brokers
from devkit import ROOT

CLIENTS = [client for name in brokers.names() for client in import_module(f".{name}", __package__).CLIENTS]
CLASSES = "|".join(["MongoClient", "Connection", "Celery", "WorkerApp", *CLIENTS])
CONNECTS = re.compile(rf"\b(?:{CLASSES})(?:\[\w, .]+\])?\(|\bfrom_url\(")
# A subclass is no connection.
CLASS = re.compile(r"(?m)^class .*$")


def test_connections_are_made_in_few_places() -> None:
    found = {}
    for path in [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]:
        text = CLASS.sub("", path.read_text("utf-8"))
        if "/testing/" not in str(path) and CONNECTS.search(text):
            found[path.name] = "tls." in text or "celery_settings" in text
    assert found == {"mongo.py": True, "producer.py": True, "app.py": True}
