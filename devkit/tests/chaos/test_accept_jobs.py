"""Jobs that a fault accepts itself, on a real MongoDB; without a broker, as in one of those faults."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from pymongo.database import Database

from devkit import ROOT
from testing.example import EXAMPLES


@pytest.mark.parametrize(("arguments", "owner"), [(["somebody"], "somebody"), ([], None)])
def test_each_job_is_there_and_is_of_the_owner_to_whom_the_api_shows_it(
    database: Database[dict[str, Any]], environ: dict[str, str], arguments: list[str], owner: str | None
) -> None:
    command = [sys.executable, str(ROOT / "devkit/programs/accept_jobs.py"), "2", "3", *arguments]
    printed = subprocess.check_output(command, cwd=ROOT, env={**os.environ, **environ}, text=True)
    documents = [database[EXAMPLES.name].find_one({"_id": json.loads(line)["id"]}) for line in printed.splitlines()]
    assert [(document or {}).get("owner") for document in documents] == [owner] * 2
    assert all(document and document["values"] == [0, 0.001, 0.002] for document in documents)
