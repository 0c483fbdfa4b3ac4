"""Cursors of listings: signed, so that a client can only send back what it was given, for the same listing."""

from itsdangerous import BadData, URLSafeSerializer


class CursorError(Exception):
    """This is no cursor of this listing."""


class Cursors:
    """Makes and reads the cursors of one listing; `listing` names it together with its filter."""

    def __init__(self, secret: str, listing: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt=f"cursor:{listing}")

    def cursor_after(self, position: str) -> str:
        """A cursor that stands behind this position."""
        return str(self._serializer.dumps(position))

    def position_of(self, cursor: str) -> str:
        """The position that a cursor stands behind.

        Raises CursorError for what was not made for this listing under this secret.
        """
        try:
            return str(self._serializer.loads(cursor))
        except BadData:
            raise CursorError("This is no cursor of this listing.") from None
