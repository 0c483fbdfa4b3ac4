"""What can be done with notes: plain documents, changed only in the version that the client has seen."""

from collections.abc import Sequence

from pymongo import ReturnDocument
from pymongo.database import Database

from common.mongo import CollectionSpec, Document
from common.owner import Owner, owned, owner_index
from common.paging import Page, PageQuery, Pages
from common.resource import ChangedError, NotFoundError, new_id, now
from domain.note.model import Note, NoteChange, NoteCreate

NOTES = CollectionSpec("notes", [owner_index()])


def create(database: Database[Document], request: NoteCreate, *, owner: Owner) -> Note:
    """Write a note; when it returns, the note is in the journal of a majority."""
    created_at = now()
    times = {"created_at": created_at, "updated_at": created_at}
    document = {"_id": new_id(), **owned(owner), **request.model_dump(), "version": 1, **times}
    database[NOTES.name].insert_one(document)
    return _note_of(document)


def get(database: Database[Document], note_id: str, *, owner: Owner) -> Note:
    """Return one note. Raises NotFoundError."""
    document = database[NOTES.name].find_one({"_id": note_id, **owned(owner)})
    if document is None:
        raise NotFoundError("note")
    return _note_of(document)


def page(database: Database[Document], pages: Pages, query: PageQuery, *, owner: Owner) -> Page[Note]:
    """Return a page of notes, the newest first. Raises ForeignCursorError."""
    page = pages.find(database[NOTES.name], query, where=owned(owner))
    return Page[Note](items=[_note_of(document) for document in page.items], next_cursor=page.next_cursor)


def change(
    database: Database[Document], note_id: str, new: NoteChange, versions: Sequence[int] | None, *, owner: Owner
) -> Note:
    """Change a note that is in one of these versions, or in any. Raises NotFoundError and ChangedError."""
    update = {
        "$set": new.model_dump(exclude_unset=True),
        "$inc": {"version": 1},
        "$currentDate": {"updated_at": True},
    }
    document = database[NOTES.name].find_one_and_update(
        _in_version(note_id, versions) | owned(owner), update, return_document=ReturnDocument.AFTER
    )
    if document is None:
        get(database, note_id, owner=owner)
        raise ChangedError("note")
    return _note_of(document)


def delete(database: Database[Document], note_id: str, *, owner: Owner) -> None:
    """Remove a note. Raises NotFoundError."""
    if not database[NOTES.name].delete_one({"_id": note_id, **owned(owner)}).deleted_count:
        raise NotFoundError("note")


def _in_version(note_id: str, versions: Sequence[int] | None) -> Document:
    return {"_id": note_id} if versions is None else {"_id": note_id, "version": {"$in": [*versions]}}


def _note_of(document: Document) -> Note:
    return Note(id=document["_id"], **{name: document[name] for name in Note.model_fields if name != "id"})
