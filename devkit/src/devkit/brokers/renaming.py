"""What becomes of messages when the product gets another name; `devkit.extensions` finds it."""

from collections.abc import Iterator


def about_data() -> Iterator[str]:
    """Yield what is to be said."""
    yield "The broker's messages stay behind. What was accepted is in MongoDB, and workers are notified of it again."
