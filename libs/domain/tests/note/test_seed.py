from pymongo.database import Database

from common.mongo import Document
from common.owner import EVERYBODY
from common.paging import PageQuery, Pages
from domain.note import service
from domain.note.seed import EXAMPLES, seed


def test_the_examples_are_notes_and_come_once(database: Database[Document]) -> None:
    assert (seed(database), seed(database)) == (len(EXAMPLES), 0)
    page = service.page(database, Pages("secret"), PageQuery(), owner=EVERYBODY)
    assert {note.title for note in page.items} == {example.title for example in EXAMPLES}
