"""The kinds of jobs that the features declare, and what follows from them: collections, indexes and schedules."""

from collections.abc import Iterable, Mapping, Sequence

from common.access import WRITE
from common.config import Settings
from common.feature import Feature, FeatureError
from common.mongo import CollectionSpec, merged
from jobs import heartbeat, keys, payloads, ticks
from jobs.feature import JobFeature
from jobs.model import JobKind, job_indexes
from jobs.ticks import Schedule, Tick


def job_kinds(features: Iterable[Feature]) -> dict[str, JobKind]:
    """Return all kinds of jobs by their names. Raises FeatureError for one that could not run or would not be seen."""
    kinds: dict[str, JobKind] = {}
    for feature in (feature for feature in features if isinstance(feature, JobFeature)):
        own = {collection.name for collection in feature.collections}
        for kind in feature.jobs:
            checked = _checked(feature.name, kind, own)
            if checked.name in kinds:
                raise FeatureError(f"{feature.name}: two jobs are called {checked.name}.")
            kinds[checked.name] = checked
    return kinds


def job_collections(features: Iterable[Feature]) -> tuple[str, ...]:
    """Return the collections whose documents carry jobs, that of the ticks at the end."""
    names = [kind.collection for kind in job_kinds(features).values() if not isinstance(kind, Tick)]
    return (*dict.fromkeys(names), ticks.COLLECTION)


def added_indexes(features: Iterable[Feature]) -> tuple[CollectionSpec, ...]:
    """Return the indexes of jobs for the collections that carry them, and the plumbing's own collections."""
    carrying = [CollectionSpec(name, job_indexes()) for name in job_collections(features) if name != ticks.COLLECTION]
    return (*carrying, ticks.INDEXES, keys.INDEXES, heartbeat.INDEXES)


def worked_collections(features: Iterable[Feature]) -> tuple[CollectionSpec, ...]:
    """Return what the worker does with documents: everything with those of a feature that has jobs."""
    features = list(features)
    worked = [feature for feature in features if isinstance(feature, JobFeature) and feature.jobs]
    own = [CollectionSpec(each.name, access={"worker": WRITE}) for feature in worked for each in feature.collections]
    return (*own, *(payloads.collection(name) for name in job_collections(features)))


def all_collections(features: Sequence[Feature]) -> tuple[CollectionSpec, ...]:
    """Return every collection that has indexes, those of the plumbing included.

    A collection whose documents carry jobs has the indexes of jobs beside its own.
    """
    return merged([*added_indexes(features), *(each for feature in features for each in feature.collections)])


def schedules(kinds: Iterable[JobKind], settings: Settings) -> list[Schedule]:
    """Return when the ticks among these kinds are due, by these settings."""
    return [Schedule(kind, kind.every(settings)) for kind in kinds if isinstance(kind, Tick)]


def check_work(kinds: Mapping[str, JobKind], registered: Mapping[str, JobKind]) -> None:
    """Raise FeatureError for a declared job that no task works on, and for a task whose job is not declared."""
    for kind in kinds.values():
        if registered.get(kind.name) != kind:
            raise FeatureError(
                f"{kind.feature}: no task works on {kind.name}. Register one in tasks/{kind.feature}.py."
            )
    for kind in registered.values():
        if kind.name not in kinds:
            raise FeatureError(f"{kind.feature}: {kind.name} is not declared. Name it in jobs= of its JobFeature.")


def _checked(feature: str, kind: object, collections: set[str]) -> JobKind:
    if not isinstance(kind, JobKind):
        raise FeatureError(f"{feature}: jobs holds {kind!r}, which is no JobKind.")
    if kind.feature != feature:
        raise FeatureError(f"{feature}: the name of the job {kind.name} has to begin with {feature}.")
    if kind.collection not in collections and not isinstance(kind, Tick):
        raise FeatureError(f"{feature}: {kind.name} is in the collection {kind.collection!r}. Name it in collections=.")
    return kind
