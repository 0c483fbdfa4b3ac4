"""What a feature with jobs declares of itself; `jobs.declared` checks it."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.feature import Feature
from jobs.model import JobKind


@dataclass(frozen=True)
class JobFeature(Feature):
    """A feature with the kinds of its jobs."""

    jobs: Sequence[JobKind] = ()
