"""Each connection to a server takes what a module `tls` makes of the settings."""

import re

from common.discovery import modules_of
from devkit import ROOT

from . import kinds

CLIENTS = "|".join({client for module in modules_of(kinds) for client in module.CLIENTS})
MADE_BY = {word for module in modules_of(kinds) for word in module.MADE_BY}
# The modules that connect, by their names.
PLACES = {name for module in modules_of(kinds) for name in module.PLACES}
CONNECTS = re.compile(rf"\b(?:{CLIENTS})(?:\[\w, .]+\])?\(|\bfrom_url\(")
# A subclass is no connection.
CLASS = re.compile(r"(?m)^class .*$")


def test_connections_are_made_in_few_places() -> None:
    found = {}
    for path in [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]:
        text = CLASS.sub("", path.read_text("utf-8"))
        if "/testing/" not in str(path) and CONNECTS.search(text):
            found[path.name] = any(word in text for word in MADE_BY)
    assert found == dict.fromkeys(PLACES, True)
