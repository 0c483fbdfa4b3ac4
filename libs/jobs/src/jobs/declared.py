"""Which collections carry jobs, by what the features declare; what is declared in part is an error at the start."""

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from common.discovery import modules_of
from common.mongo import Indexes
from jobs import ticks
from jobs.model import JobKind, job_indexes


class UndeclaredJobsError(Exception):
    """A kind of job that could run, and that nobody would see or find; the message names it and what is missing."""


def job_collections(package: ModuleType) -> tuple[str, ...]:
    """The collections of all kinds of jobs in the features' `jobs.py`, and that of the ticks at the end."""
    found = [kind.collection for feature in modules_of(package) for kind in _kinds(feature)]
    return tuple(dict.fromkeys([*(name for name in found if name != ticks.COLLECTION), ticks.COLLECTION]))


def check_declared(kinds: Iterable[JobKind], collections: Iterable[str], indexes: Iterable[Indexes]) -> None:
    """Raises UndeclaredJobsError for a kind that the commands, the metrics and the page would not see."""
    known, names = set(collections), {each.document["name"] for each in job_indexes()}
    indexed = {each.collection: {model.document["name"] for model in each.models} for each in indexes}
    for kind in kinds:
        if kind.collection not in known:
            raise UndeclaredJobsError(
                f"{kind.name}: no feature's jobs.py declares a JobKind with the collection {kind.collection!r}. "
                "Write it there: the list of jobs, the metrics and the page would not see it."
            )
        if missing := names - indexed.get(kind.collection, set()):
            raise UndeclaredJobsError(
                f"{kind.name}: the collection {kind.collection!r} lacks the indexes {', '.join(sorted(missing))}. "
                "Write *job_indexes() into the INDEXES of the feature's store.py."
            )


def _kinds(feature: ModuleType) -> list[JobKind]:
    children = {info.name for info in pkgutil.iter_modules(getattr(feature, "__path__", []))}
    if "jobs" not in children:
        return []
    module = importlib.import_module(f"{feature.__name__}.jobs")
    return [value for value in vars(module).values() if isinstance(value, JobKind)]
