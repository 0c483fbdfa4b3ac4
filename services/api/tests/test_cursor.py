import pytest

from api.cursor import CursorError, Cursors

CURSORS = Cursors("secret", "report?status=None")


def test_a_cursor_leads_back_to_its_position() -> None:
    assert CURSORS.position_of(CURSORS.cursor_after("66f0a")) == "66f0a"


@pytest.mark.parametrize(
    "foreign",
    [
        Cursors("secret", "report?status=done").cursor_after("66f0a"),
        Cursors("another", "report?status=None").cursor_after("66f0a"),
        CURSORS.cursor_after("66f0a")[:-1],
        "X" + CURSORS.cursor_after("66f0a"),
        "",
        ".",
        "é",
        "66f0a",
    ],
)
def test_a_cursor_of_another_listing_or_another_secret_or_none_at_all_is_refused(foreign: str) -> None:
    with pytest.raises(CursorError):
        CURSORS.position_of(foreign)
