"""The variables of Flask, Werkzeug and click, and of the HTTP server."""

PREFIXES = ("CLICK_", "FLASK_", "GRANIAN_", "_GRANIAN_", "WERKZEUG_")
NAMES = frozenset[str]()
