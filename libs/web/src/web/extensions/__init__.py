"""What is added to the API, found by folder.

Each module has at least one of `before(app)`, `install(app)` and `after(app)`, which are called before the routes are
registered: first all `before`, then all `install`, then all `after`, each in the order of the names. What they have
Flask call before a request is called in the same order. So what does not ask who sends a request stands in `before`,
who finds that out does so in `install`, and what needs to know it stands in `after`.

A module may have `READINESS`, an `web.readiness.Addition`, and `collectors(app)`, which returns what else the metrics
tell.
"""

import sys

from apiflask import APIFlask

from common.discovery import modules_of


def install(app: APIFlask) -> None:
    """Install all of them, in their order."""
    modules = modules_of(sys.modules[__name__])
    for step in ("before", "install", "after"):
        for module in modules:
            if hasattr(module, step):
                getattr(module, step)(app)
