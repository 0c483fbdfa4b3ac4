"""A note as it is written, changed and answered."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from common.fields import Text, Title, left_out
from common.resource import Id


class NoteCreate(BaseModel):
    """What is sent to write a note."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title = Field(description="A line of text without control characters.", examples=["Shopping"])
    text: Text = Field("", examples=["Bread and butter"])


class NoteChange(BaseModel):
    """What is sent to change a note: what is left out stays as it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title = left_out()
    text: Text = left_out()


class Note(BaseModel):
    """A note as it is answered; times are in UTC."""

    id: Id
    title: str
    text: str
    version: int = Field(ge=1, description="Grows with each change; the `ETag` is made from it.")
    created_at: datetime
    updated_at: datetime
