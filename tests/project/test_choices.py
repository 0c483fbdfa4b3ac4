"""What copier asks for: its file lists what it offers, for it can find nothing by folder."""

import re

from tests.features.copies import FEATURES, ROOT

from devkit.project.choice import removable


def test_copier_offers_the_features_and_capabilities_that_are_there() -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    offered, default = (re.findall(rf"(?m)^  {key}: \[(.+)\]$", text) for key in ("choices", "default"))
    assert offered == default == [", ".join(FEATURES)]
    assert re.findall(r"(?m)^    - ([a-z]+)$", text) == removable(ROOT)
