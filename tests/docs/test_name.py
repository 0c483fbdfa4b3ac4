"""The product's name has one place, `.env`: whatever is named after it follows, and so a rename changes one line."""

from devkit import ROOT, env
from devkit.names import mentions


def test_no_committed_file_holds_the_products_name_but_the_settings_and_what_is_for_people() -> None:
    """Write "the product" in place of the name, take it from the settings, or add a page of yours to FOR_PEOPLE."""
    name = env.read(ROOT / ".env")["PROJECT"]
    assert list(mentions(name)) == []
