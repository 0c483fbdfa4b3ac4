"""The console is a folder that can be deleted: what remains of the service does not need it and does not mention it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture
def remains(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("console", "__pycache__")
    return Path(shutil.copytree(SOURCE, tmp_path / "src", ignore=ignored))


def test_the_rest_does_not_mention_it(remains: Path) -> None:
    named = [path for path in remains.rglob("*") if path.is_file() and "console" in path.read_text("utf-8").lower()]
    assert named == []


@pytest.mark.integration
def test_the_rest_works_without_it_and_without_its_libraries(remains: Path, environ: dict[str, str]) -> None:
    program = "import sys; sys.modules |= dict.fromkeys(('flask', 'granian')); import admin.__main__ as m; "
    # Not measured: coverage would look for the copy's files when they are gone.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", f"{program}sys.exit(m.main(['settings']))"],
        env={**inherited, **environ, "PYTHONPATH": str(remains)},
        cwd=remains,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "The settings are fit for test.\n")
