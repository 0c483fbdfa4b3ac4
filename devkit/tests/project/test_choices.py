"""What copier asks for: its file lists what it offers, for it can find nothing by folder."""

import re

from devkit import forges
from devkit.project.choice import removable

from ..features.copies import FEATURES, ROOT


def test_copier_offers_the_features_and_capabilities_that_are_there() -> None:
    features, without = (question("features"), question("without"))
    assert "  choices: &features\n" in features
    assert "  default: *features" in features
    assert offered(features) == FEATURES
    assert offered(without) == removable(ROOT)
    assert offered(question("ci").split("default")[0]) == sorted(forges.PLACES)


def question(name: str) -> str:
    """The text of a question, without its name."""
    return (ROOT / "copier.yml").read_text(encoding="utf-8").split(f"\n{name}:\n")[1].split("\n\n")[0]


def offered(text: str) -> list[str]:
    return re.findall(r"(?m)^    - ([a-z_]+)$", text)
