"""A feature goes with its jobs and schedules; the worker starts without it."""

import json
from pathlib import Path

import pytest

from devkit.capability.declaration import capabilities
from devkit.feature.delete import features

from .copies import FEATURES, ROOT, commit, copy_without, run_here
from .test_removal import REMOVED

# Asked of a copy: what the worker makes of the features, and which collections are no feature's.
QUESTION = """
import json
import domain
from admin.collections import INDEXES
from common.config import Settings
from common.feature import features_of, sections
from worker.app import create_worker

features = features_of(domain)
worker = create_worker(Settings.load({}, env_files=(), sections=sections(features)))
own = {collection.name for feature in features for collection in feature.collections}
print(json.dumps({
    "features": [feature.name for feature in features],
    "tasks": sorted(worker.jobs.kinds),
    "schedules": [schedule.kind.name for schedule in worker.schedules],
    "plumbing": sorted({collection.name for collection in INDEXES} - own),
}))
"""


@pytest.mark.integration
@pytest.mark.parametrize("removed", REMOVED)
def test_the_worker_starts_without_a_removed_feature(removed: list[str], tmp_path: Path) -> None:
    root = copy_without(removed, tmp_path)
    answer = json.loads(run_here(root, "-c", QUESTION))
    for name in [*answer["tasks"], *answer["schedules"]]:
        assert name.partition(".")[0] in answer["features"]
    assert answer["plumbing"] == ["job_keys", "processes", "ticks"]
    if removed == FEATURES:
        assert (answer["tasks"], answer["schedules"]) == ([], [])


def test_a_product_may_go_without_the_queue_and_without_the_features_that_go_with_it(tmp_path: Path) -> None:
    root = copy_without([], tmp_path / "product")
    commit(root)
    gone = [name for name, one in capabilities(ROOT).items() if "queue" in {name, *one.needs}]
    # As copier has written it when it calls this.
    (root / ".copier-answers.yml").write_text("_src_path: here\n")
    choice = ["zebra-nine", "0", "[]", json.dumps(gone), "[]", ""]
    run_here(root, "-m", "devkit.project.settle", "update", *choice)
    assert features(root) == []
