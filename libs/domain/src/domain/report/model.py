"""A report as it is asked for and as it is answered."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat

from common.fields import Title
from common.mongo import Document
from jobs.resource import JobResource, job_fields


class ReportCreate(BaseModel):
    """What a client sends to have a report made. Types are taken strictly: `false` is no number, `"1"` neither."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title = Field(description="A line of text without control characters.", examples=["Response times"])
    # The first wrong value is told, not each of them: a hundred thousand errors would cost a second.
    values: Annotated[list[FiniteFloat], FailFast()] = Field(
        min_length=1, max_length=100_000, examples=[[3.5, 1, 4, 1, 5]]
    )


class Histogram(BaseModel):
    """Twenty bins of equal width: bin i counts from `edges[i]` up to `edges[i + 1]`, the last one that edge too."""

    edges: list[float] = Field(min_length=21, max_length=21)
    counts: list[int] = Field(min_length=20, max_length=20)


class ReportResult(BaseModel):
    """The statistics of the values."""

    count: int
    min: float
    max: float
    mean: float
    median: float
    standard_deviation: float = Field(description="Of the population, not of a sample.")
    p95: float = Field(description="The 95th percentile, interpolated linearly between the two nearest values.")
    histogram: Histogram


class Report(JobResource):
    """A report as it is answered; times are in UTC."""

    title: str
    result: ReportResult | None = Field(description="Null until the status is `done`.")


def report_of(document: Document) -> Report:
    """Return the report that a document stands for."""
    return Report(title=document["title"], result=document.get("result"), **job_fields(document))
