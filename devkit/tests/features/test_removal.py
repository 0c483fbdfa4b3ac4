"""A feature goes with its files and its settings, and nothing else has to be touched; tests and documents included."""

import json
import re
from pathlib import Path

import pytest

from devkit.capability.declaration import capabilities
from devkit.capability.marks import without

from .copies import COLLECT, FEATURES, copy_without, run_here

# Asked of a copy: which features are declared, and what the services make of them.
QUESTION = """
import json, os
import domain
from admin.collections import INDEXES
from api.app import create_app
from common.config import Settings
from common.feature import features_of, sections

features = features_of(domain)
settings = Settings.load({}, env_files=(), sections=sections(features))
api = create_app(settings)
print(json.dumps({
    "features": [feature.name for feature in features],
    "tags": [tag["name"] for tag in api.spec["tags"]],
    "paths": sorted(path for path in api.spec["paths"] if path.startswith("/api/")),
    "own": sorted(collection.name for feature in features for collection in feature.collections),
    "collections": sorted(collection.name for collection in INDEXES),
}))
"""
REMOVED = [*(pytest.param([feature], id=feature) for feature in FEATURES), pytest.param(FEATURES, id="everything")]


@pytest.mark.integration
@pytest.mark.parametrize("removed", REMOVED)
def test_what_remains_starts_without_a_removed_feature(removed: list[str], tmp_path: Path) -> None:
    root = copy_without(removed, tmp_path)
    answer = json.loads(run_here(root, "-c", QUESTION))
    assert answer["features"] == [feature for feature in FEATURES if feature not in removed]
    assert set(answer["features"]) <= set(answer["tags"])
    assert not set(removed) & set(answer["tags"])
    assert set(answer["collections"]) >= set(answer["own"])
    settings = (root / ".env").read_text("utf-8")
    for feature in removed:
        assert f"{feature.upper()}_" not in settings
    # What is marked for a capability is still whole, and nothing is marked in vain.
    for capability in capabilities(root):
        without(settings, capability)
    assert not re.search(r"# \[(\S+)\]\n# \[/\1\]\n", settings)
    if removed == FEATURES:
        assert (answer["paths"], answer["own"]) == ([], [])
        # No test of anything else imports a feature.
        run_here(root, *COLLECT, "libs", "services")
