"""Notes to look at in development."""

from pymongo.database import Database

from common.mongo import Document, insert_missing
from common.resource import now
from domain.note.model import NoteCreate
from domain.note.service import NOTES

EXAMPLES = (
    NoteCreate(title="Shopping", text="Bread and butter"),
    NoteCreate(title="Travel", text="Three days in June"),
    NoteCreate(title="Without a text"),
)


def seed(database: Database[Document]) -> int:
    """Add the examples that are not there yet; return how many these were."""
    about = {"version": 1, "created_at": (written_at := now()), "updated_at": written_at}
    documents = [{"_id": f"{number:024x}", **each.model_dump(), **about} for number, each in enumerate(EXAMPLES, 1)]
    return insert_missing(database[NOTES.name], documents)
