"""What README.md says of deleting a feature: its files go, and nothing else has to be touched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("libs/domain/src", "services/admin/src", "services/api/src", "services/worker/src")
# Asked of the copy: which paths the API serves, and which tasks, schedules and indexes the worker has.
QUESTION = """
import json
from admin.features import COLLECTIONS
from api.app import create_app
from common.config import Settings
from worker.app import create_worker
from worker.features import INDEXES, SECTIONS, TASK_MODULES

settings = Settings.load({}, env_files=(), sections=SECTIONS)
api, worker = create_app(settings), create_worker(settings)
print(json.dumps({
    "paths": sorted({rule.rule for rule in api.url_map.iter_rules() if rule.rule.startswith("/api/")}),
    "documented": sorted(path for path in api.spec["paths"] if path.startswith("/api/")),
    "tasks": sorted(worker.jobs.kinds),
    "schedules": sum(len(module.schedules(settings)) for module in TASK_MODULES),
    "queues": COLLECTIONS,
    "collections": sorted(indexes.collection for indexes in INDEXES),
}))
"""


def without(feature: str, folder: Path) -> dict[str, object]:
    """Copies the product, deletes what bears the feature's name, and answers what is left of it."""
    for source in SOURCES:
        shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*folder.rglob(feature), *folder.rglob(f"{feature}.*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    # Not measured: coverage would look for the copy's files when they are gone.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", QUESTION],
        cwd=folder,
        env=inherited | {"PYTHONPATH": os.pathsep.join(str(folder / source) for source in SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.integration
def test_a_feature_without_jobs_is_gone_with_its_files(tmp_path: Path) -> None:
    left = without("ipecho", tmp_path)
    assert "/api/v1/ipecho" not in str(left)
    assert "/api/v1/hello" in str(left)
    assert left["tasks"] == ["report.compute", "report.purge"]


@pytest.mark.integration
def test_a_feature_with_jobs_is_gone_with_its_files(tmp_path: Path) -> None:
    left = without("report", tmp_path)
    assert left["paths"] == ["/api/v1/hello", "/api/v1/ipecho"]
    assert (left["tasks"], left["schedules"], left["collections"]) == ([], 0, ["job_keys", "processes", "ticks"])
    assert left["queues"] == ["ticks"]
