"""A feature goes with its files and its settings, and nothing else has to be touched; tests and documents included."""

import json
from pathlib import Path

import pytest

from .copies import FEATURES, commit, copy_without, run, run_here

# Asked of a copy: which features are declared, and what the services make of them.
QUESTION = """
import json, os
import domain
from admin.collections import INDEXES
from api.app import create_app
from common.config import Settings
from common.feature import features_of, sections
from worker.app import create_worker

features = features_of(domain)
settings = Settings.load({}, env_files=(), sections=sections(features))
api, worker = create_app(settings), create_worker(settings)
print(json.dumps({
    "features": [feature.name for feature in features],
    "tags": [tag["name"] for tag in api.spec["tags"]],
    "paths": sorted(path for path in api.spec["paths"] if path.startswith("/api/")),
    "tasks": sorted(worker.jobs.kinds),
    "schedules": [schedule.kind.name for schedule in worker.schedules],
    "collections": sorted(collection.name for collection in INDEXES),
}))
"""
PLUMBING = {"job_keys", "processes", "ticks"}
REMOVED = [*(pytest.param([feature], id=feature) for feature in FEATURES), pytest.param(FEATURES, id="everything")]


@pytest.mark.integration
@pytest.mark.parametrize("removed", REMOVED)
def test_what_remains_starts_without_a_removed_feature(removed: list[str], tmp_path: Path) -> None:
    root = copy_without(removed, tmp_path)
    answer = json.loads(run_here(root, "-c", QUESTION))
    assert answer["features"] == [feature for feature in FEATURES if feature not in removed]
    assert set(answer["features"]) <= set(answer["tags"])
    assert not set(removed) & set(answer["tags"])
    for name in [*answer["tasks"], *answer["schedules"]]:
        assert name.partition(".")[0] in answer["features"]
    assert set(answer["collections"]) >= PLUMBING
    for feature in removed:
        assert f"{feature.upper()}_" not in (root / ".env").read_text("utf-8")
    if removed == FEATURES:
        assert (answer["paths"], answer["tasks"], answer["schedules"]) == ([], [], [])
        assert set(answer["collections"]) == PLUMBING
        # No test of anything else imports a feature.
        run_here(root, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "libs", "services")


CHANGES = [
    *(pytest.param([("remove", feature)], id=feature) for feature in FEATURES),
    pytest.param([("remove", feature) for feature in FEATURES], id="everything"),
    pytest.param([("new", "invoice", "--job", "--schedule"), ("new", "customer")], id="added"),
]


@pytest.mark.integration
@pytest.mark.features
@pytest.mark.parametrize("changes", CHANGES)
def test_the_whole_suite_lint_types_and_openapi_pass_after_a_change(
    changes: list[tuple[str, ...]], tmp_path: Path
) -> None:
    root = copy_without([], tmp_path)
    commit(root)
    run(root, "invoke", "install")
    for verb, *words in changes:
        run(root, "invoke", verb, "feature", *words)
    python = root / ".venv/bin/python"
    run(root, python, "-m", "devkit", "lint")
    run(root, python, "-m", "mypy")
    run(root, python, "-m", "devkit", "openapi", "--check")
    run(root, python, "-m", "pytest", "-n", "4", "-q", "libs", "services")
