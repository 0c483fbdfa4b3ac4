"""The migrations of a feature, found by folder: each is a module `migrations/NNNN_name.py` of its package.

None is imported before it is run: a service only has to know which there are.
"""

import hashlib
import importlib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pymongo.database import Database

from common.access import EVERY, READ
from common.mongo import CollectionSpec, Document

FOLDER = "migrations"
# Its documents are the migrations that were applied, and the lock of those who apply them.
COLLECTION = "migrations"
# Each process looks whether the database fits its code.
RECORDS = CollectionSpec(COLLECTION, access={EVERY: READ})
_NAME = re.compile(r"([0-9]{4})_[a-z0-9_]+")

Up = Callable[[Database[Document]], object]


class MigrationError(Exception):
    """A migration is declared wrongly; the message names it and says what to write."""


@dataclass(frozen=True)
class Step:
    """What a migration does, and whether code from before it cannot run after it."""

    up: Up
    incompatible: bool


@dataclass(frozen=True)
class Migration:
    """A migration of a feature: `name` is that of its module, `package` where that is."""

    feature: str
    name: str
    package: str

    @property
    def id(self) -> str:
        """The name by which the database records it; it stays the same for ever."""
        return f"{self.feature}.{self.name}"

    def load(self) -> Step:
        """Import it. Raises MigrationError when it has no `up`, or an `INCOMPATIBLE` that is neither true nor false."""
        module = importlib.import_module(f"{self.package}.{self.name}")
        up, incompatible = getattr(module, "up", None), getattr(module, "INCOMPATIBLE", False)
        if not callable(up):
            raise MigrationError(f"{self.id}: there is no up. Write def up(database).")
        if not isinstance(incompatible, bool):
            raise MigrationError(f"{self.id}: INCOMPATIBLE is {incompatible!r}. Write True, or leave it out.")
        return Step(up, incompatible)

    def checksum(self) -> str:
        """Return the SHA-256 of its file; an old one, which may no longer be importable, is not imported for that."""
        spec = importlib.util.find_spec(f"{self.package}.{self.name}")
        if spec is None or spec.origin is None:
            raise MigrationError(f"{self.id}: its file has gone.")
        return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()


def migrations_of(feature: ModuleType) -> tuple[Migration, ...]:
    """Return the migrations in the folder of a feature's package, in the order of their numbers.

    Raises MigrationError for a file that would not be found, and for two of one number.
    """
    name = feature.__name__.rpartition(".")[2]
    folders = [folder for path in getattr(feature, "__path__", ()) if (folder := Path(path, FOLDER)).is_dir()]
    files = sorted(file for folder in folders for file in folder.glob("*.py"))
    if files and not any(file.name == "__init__.py" for file in files):
        raise MigrationError(f"{name}: its folder {FOLDER} has no __init__.py.")
    found: dict[str, Migration] = {}
    for file in files:
        if file.name == "__init__.py":
            continue
        match = _NAME.fullmatch(file.stem)
        if match is None:
            raise MigrationError(f"{name}: {FOLDER}/{file.name} has to be named like 0001_what_it_does.py.")
        if (other := found.get(match[1])) is not None:
            raise MigrationError(f"{name}: {FOLDER}/{file.name} has the number of {other.name}.py.")
        found[match[1]] = Migration(name, file.stem, f"{feature.__name__}.{FOLDER}")
    return tuple(found.values())
