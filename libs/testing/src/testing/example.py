"""A feature that only tests use, so that tests of the plumbing need none of the product's.

It has what a feature may have: settings, a collection with a job, a tick, and a plain resource. Its routes are in the
tests of the API, its tasks in those of the worker.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat
from pymongo.database import Database

from common.config import Settings
from common.fields import Title
from common.mongo import CollectionSpec, Document
from jobs.feature import JobFeature
from jobs.model import JobKind, listing_indexes
from jobs.resource import JobResource, job_fields
from jobs.runner import run_job
from jobs.store import JobStore
from jobs.ticks import tick


class ExampleSettings(BaseModel):
    """Seconds between two ticks."""

    example_tick_every: float = Field(3600, ge=1)


def _tick_every(settings: Settings) -> float:
    return settings.section(ExampleSettings).example_tick_every


EXAMPLES = CollectionSpec("examples", listing_indexes())
WORK = JobKind("example.work", EXAMPLES.name, payload=("values",))
TICK = tick("example.tick", every=_tick_every)
EXAMPLE = JobFeature("example", settings=ExampleSettings, collections=[EXAMPLES], jobs=[WORK, TICK])


class ExampleCreate(BaseModel):
    """What is sent to have an example computed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title
    values: Annotated[list[FiniteFloat], FailFast()] = Field(min_length=1, max_length=100_000)


class Example(JobResource):
    """An example as it is answered."""

    title: str
    result: float | None


def example_of(document: Document) -> Example:
    """Return the example that a document stands for."""
    return Example(title=document["title"], result=document.get("result"), **job_fields(document))


def compute(document: Document, progress: Callable[[float], None]) -> dict[str, Any]:
    """Return the effect of the job: the mean of the values."""
    progress(0.5)
    return {"result": sum(document["values"]) / len(document["values"])}


def work_on(database: Database[Document], job_id: str) -> None:
    """Do an example's job in this process, as a worker would."""
    store = JobStore(database[EXAMPLES.name])
    run_job(store, WORK, job_id, lambda claim, attempt: compute(claim.document, attempt.progress), owner="test")
