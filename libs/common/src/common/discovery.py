"""Find modules by their folder, so that adding or removing one edits no list."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Import the direct children of a package, in the order of their names.

    Raises ImportError when one of them cannot be imported, or is a folder of modules without an `__init__.py`: a
    feature that is broken must not go missing in silence.
    """
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    for folder in package.__path__:
        for child in Path(folder).iterdir():
            if child.name not in names and any(child.glob("*.py")):
                raise ImportError(f"{child} has no __init__.py, so it would not be found.")
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def modules_by_name(package: ModuleType) -> dict[str, ModuleType]:
    """Return the direct children of a package by their own names. Raises ImportError as `modules_of` does."""
    return {module.__name__.rpartition(".")[2]: module for module in modules_of(package)}
