"""Whose a document is: the same field writes it and finds it, so what belongs to others is not there."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from common.mongo import Document

# The name of an owner; None where nobody is told from anybody else, and for operators, who see what is everybody's.
Owner = str | None
EVERYBODY: Owner = None


def owned(owner: Owner) -> Document:
    """Return the field of an owner's documents, to write them with and to find them by; for everybody's none."""
    return {} if owner is None else {"owner": owner}


def owner_index(*fields: str) -> IndexModel:
    """Return the index by which an owner's documents are listed, the newest first, those of equal fields together.

    Documents without an owner are not in it, and cost nothing.
    """
    keys = [("owner", ASCENDING), *((field, ASCENDING) for field in fields), ("_id", DESCENDING)]
    name = "_".join(["owner", *(field.rpartition(".")[2] for field in fields), "listing"])
    return IndexModel(keys, name=name, partialFilterExpression={"owner": {"$exists": True}})
