"""Notes over a real MongoDB."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo.database import Database

from common.mongo import Document
from common.owner import EVERYBODY
from common.paging import PageQuery, Pages
from common.resource import ChangedError, NotFoundError
from domain.note import service
from domain.note.model import Note, NoteChange, NoteCreate

Notes = Database[Document]
PAGES = Pages("secret")
NOWHERE = "0" * 24


@pytest.fixture
def note(database: Notes) -> Note:
    return service.create(database, NoteCreate(title="Shopping", text="Bread"), owner=EVERYBODY)


def test_a_note_is_answered_as_it_will_be_read(database: Notes, note: Note) -> None:
    assert (note.title, note.text, note.version) == ("Shopping", "Bread", 1)
    assert service.get(database, note.id, owner=EVERYBODY) == note
    assert note.created_at == note.updated_at


def test_a_change_leaves_what_it_does_not_name(database: Notes, note: Note) -> None:
    changed = service.change(database, note.id, NoteChange(text="Butter"), [1], owner=EVERYBODY)
    assert (changed.title, changed.text, changed.version) == ("Shopping", "Butter", 2)
    assert changed.updated_at >= note.updated_at
    assert (changed.created_at, service.get(database, note.id, owner=EVERYBODY)) == (note.created_at, changed)


def test_a_change_of_another_version_changes_nothing(database: Notes, note: Note) -> None:
    service.change(database, note.id, NoteChange(text="Butter"), [1], owner=EVERYBODY)
    for versions in ([1], [3], []):
        with pytest.raises(ChangedError):
            service.change(database, note.id, NoteChange(text="Jam"), versions, owner=EVERYBODY)
    assert service.get(database, note.id, owner=EVERYBODY).text == "Butter"
    assert service.change(database, note.id, NoteChange(text="Jam"), None, owner=EVERYBODY).version == 3
    assert service.change(database, note.id, NoteChange(title="List"), [1, 3], owner=EVERYBODY).version == 4


def test_of_many_changes_of_one_version_one_is_made(database: Notes, note: Note) -> None:
    def change(number: int) -> int:
        try:
            service.change(database, note.id, NoteChange(text=str(number)), [1], owner=EVERYBODY)
        except ChangedError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(change, range(24))) == 1
    assert service.get(database, note.id, owner=EVERYBODY).version == 2


def test_notes_are_listed_the_newest_first(database: Notes) -> None:
    notes = [service.create(database, NoteCreate(title=title), owner=EVERYBODY) for title in "abc"]
    first = service.page(database, PAGES, PageQuery(limit=2), owner=EVERYBODY)
    rest = service.page(database, PAGES, PageQuery(limit=2, cursor=first.next_cursor), owner=EVERYBODY)
    assert [*first.items, *rest.items] == notes[::-1]


def test_what_is_not_there_is_not_found(database: Notes, note: Note) -> None:
    service.delete(database, note.id, owner=EVERYBODY)
    for note_id in (note.id, NOWHERE):
        with pytest.raises(NotFoundError, match="There is no such note"):
            service.get(database, note_id, owner=EVERYBODY)
        with pytest.raises(NotFoundError):
            service.change(database, note_id, NoteChange(text="x"), None, owner=EVERYBODY)
        with pytest.raises(NotFoundError):
            service.delete(database, note_id, owner=EVERYBODY)


def test_a_note_of_another_owner_is_not_there(database: Database[Document]) -> None:
    note = service.create(database, NoteCreate(title="Mine"), owner="billing")
    for step in (
        lambda: service.get(database, note.id, owner="shop"),
        lambda: service.change(database, note.id, NoteChange(text="x"), None, owner="shop"),
        lambda: service.delete(database, note.id, owner="shop"),
    ):
        with pytest.raises(NotFoundError):
            step()
    assert service.page(database, PAGES, PageQuery(), owner="shop").items == []
    assert service.page(database, PAGES, PageQuery(), owner="billing").items == [note]
    assert service.get(database, note.id, owner=EVERYBODY) == note
