"""Says hello: what a feature looks like that keeps nothing and asks nobody."""

from pydantic import BaseModel


class Greeting(BaseModel):
    """What the API answers."""

    message: str


def greet() -> Greeting:
    """Return a greeting for anyone."""
    return Greeting(message="hello")
