"""What a feature declares of itself, once: `FEATURE = Feature(...)` in its package's `__init__.py`.

A mistake raises FeatureError when the process starts, and names the feature. Other libraries may extend the declaration
by a class of their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from pydantic import BaseModel
from pymongo.database import Database

from common.discovery import modules_of
from common.migration import COLLECTION, Migration, MigrationError, migrations_of
from common.mongo import CollectionSpec, Document

# Adds the examples of a feature that are not there yet, and returns how many these were.
Seed = Callable[[Database[Document]], int]


class FeatureError(Exception):
    """A feature is declared wrongly; the message names it and says what to write."""


@dataclass(frozen=True)
class Feature:
    """A feature: its name, and its settings and collections where it has any.

    `seed` adds examples for development, and may be called again. Its `migrations` need not be declared: they are found
    in its folder.
    """

    name: str
    settings: type[BaseModel] | None = None
    collections: Sequence[CollectionSpec] = ()
    migrations: Sequence[Migration] = ()
    seed: Seed | None = None

    def __post_init__(self) -> None:
        if self.settings is not None:
            self._check_settings(self.settings)
        for collection in self.collections:
            if not isinstance(collection, CollectionSpec):
                raise FeatureError(f"{self.name}: collections holds {collection!r}, which is no CollectionSpec.")
        if self.seed is not None and not callable(self.seed):
            raise FeatureError(f"{self.name}: seed is {self.seed!r}, which is no function.")

    def _check_settings(self, settings: object) -> None:
        """Refuse settings that do not begin with the feature's name, by which they are found in `.env` when it goes."""
        if not (isinstance(settings, type) and issubclass(settings, BaseModel)):
            raise FeatureError(f"{self.name}: settings is {settings!r}, which is no pydantic model.")
        if wrong := [name for name in settings.model_fields if not name.startswith(f"{self.name}_")]:
            raise FeatureError(f"{self.name}: the setting {wrong[0]} has to begin with {self.name}_.")


def features_of(package: ModuleType) -> tuple[Feature, ...]:
    """Return what each direct child of a package declares, in the order of their names.

    Raises FeatureError for a child without a declaration, and for a collection that is another's or the plumbing's.
    """
    features = tuple(_declared(module) for module in modules_of(package))
    owners = {COLLECTION: "the plumbing"}
    for feature in features:
        for collection in feature.collections:
            if (owner := owners.setdefault(collection.name, feature.name)) != feature.name:
                raise FeatureError(f"{feature.name}: the collection {collection.name!r} belongs to {owner}.")
    return features


def sections(features: Iterable[Feature]) -> tuple[type[BaseModel], ...]:
    """Return the settings that the features declare, for `Settings.load(environ, sections=...)`."""
    return tuple(feature.settings for feature in features if feature.settings is not None)


def _declared(module: ModuleType) -> Feature:
    name = module.__name__.rpartition(".")[2]
    feature = getattr(module, "FEATURE", None)
    if not isinstance(feature, Feature):
        is_what = "nothing" if feature is None else repr(feature)
        raise FeatureError(f"{name}: FEATURE is {is_what}. Write FEATURE = Feature({name!r}) in its __init__.py.")
    if feature.name != name:
        raise FeatureError(f"{name}: its FEATURE is called {feature.name!r}. Its name has to be that of its folder.")
    try:
        return replace(feature, migrations=migrations_of(module))
    except MigrationError as error:
        raise FeatureError(str(error)) from error
