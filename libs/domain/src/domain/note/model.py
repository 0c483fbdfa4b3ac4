"""A note as it is written, changed and answered."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.resource import Id, Title


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


Text = Annotated[str, StringConstraints(max_length=10_000)]


class NoteCreate(BaseModel):
    """What is sent to write a note."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title = Field(description="A line of text without control characters.", examples=["Shopping"])
    text: Text = Field("", examples=["Bread and butter"])


class NoteChange(BaseModel):
    """What is sent to change a note: what is left out stays as it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    # A field that may be left out, but cannot be null; the default is never used.
    title: Title = Field("", json_schema_extra=_without_default)
    text: Text = Field("", json_schema_extra=_without_default)


class Note(BaseModel):
    """A note as it is answered; times are in UTC."""

    id: Id
    title: str
    text: str
    version: int = Field(ge=1, description="Grows with each change; the `ETag` is made from it.")
    created_at: datetime
    updated_at: datetime
