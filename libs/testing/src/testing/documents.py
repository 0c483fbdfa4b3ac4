"""What stands in a database, for tests to look at."""

from pymongo.collection import Collection

from common.mongo import Document


def stored(collection: Collection[Document], document_id: str | None = None) -> Document:
    """Return the document of this id, or without an id any one. Raises AssertionError when there is none."""
    if (document := collection.find_one({} if document_id is None else {"_id": document_id})) is None:
        raise AssertionError(f"There is no document {document_id or ''} in {collection.name}.")
    return document
