"""Say hello: a feature that stores nothing and calls no other service."""

from pydantic import BaseModel


class Greeting(BaseModel):
    """What the API answers."""

    message: str


def greet() -> Greeting:
    """Return a greeting for anyone."""
    return Greeting(message="hello")
