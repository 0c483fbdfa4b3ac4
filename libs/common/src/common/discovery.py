"""Finds the features by their folders, so that adding or removing one edits no list."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Imports the direct children of a package, in the order of their names.

    Raises ImportError when one of them cannot be imported: a feature that is broken must not go missing in silence.
    """
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def declared(package: ModuleType, module: str, name: str) -> Iterator[Any]:
    """What each feature of a package declares: the value of `name` in its own `module`, where it has both.

    `declared(domain, "settings", "SETTINGS")` looks at `domain.report.settings.SETTINGS` and so on.
    """
    for feature in modules_of(package):
        children = {info.name for info in pkgutil.iter_modules(getattr(feature, "__path__", []))}
        if module in children:
            found = importlib.import_module(f"{feature.__name__}.{module}")
            if hasattr(found, name):
                yield getattr(found, name)
