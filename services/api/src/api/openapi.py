"""Prints the OpenAPI document as JSON: `python -m api.openapi`, in the root of the repository."""

from api.app import create_app
from web.document import Json
from web.openapi import described, write


def document() -> Json:
    """Return the document of the product's API."""
    return described(create_app)


if __name__ == "__main__":
    write(document())
