"""`invoke` as people meet it: the menu, and the commands that look after the repository."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from devkit import local_secrets
from devkit.commands.collection import collection

from .conftest import QUICK, ROOT, Servers, private_environ, run_in

# What every product has; a test of each capability looks for the commands that go with it.
PROMISED = """
install lock dev serve db-up db-down db-status db-reset db-logs db-indexes test coverage profile lint format
types db-migrate db-seed db-backup db-rehearse db-restore check check-all shell openapi doctor clean release
rename new remove capabilities update
"""


def invoke(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invoke", *arguments],
        cwd=cwd,
        env={**private_environ(), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_menu_has_all_commands_with_one_line_each_also_from_a_sub_folder() -> None:
    done = invoke("--list", cwd=ROOT / "libs" / "common")
    lines = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    listed = [re.split(r"\s{2,}", line.strip()) for line in lines]
    names = [line[0] for line in listed]
    assert set(names) >= set(PROMISED.split())
    assert sorted(names) == sorted(collection().task_names)
    assert all(len(line) == 2 and line[1].endswith(".") for line in listed)


def test_the_version_to_release_may_be_left_to_the_commits() -> None:
    assert "--version[=STRING]" in invoke("release", "--help").stdout


def test_an_unknown_command_is_no_traceback() -> None:
    done = invoke("no-such-command")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_doctor_names_each_thing_that_is_wrong_with_its_mend(clone: Path) -> None:
    (clone / ".env.local").write_text("MONGO_PASSWORD=x\nMONGO_PORTT=1\n")
    state = {"processes": [{"pid": 1, "started": 1.0}], "port": 1, "version": "1", "since": ""}
    (clone / ".data" / QUICK).mkdir(parents=True)
    (clone / ".data" / QUICK / "state.json").write_text(json.dumps(state))
    done = run_in(clone, "-m", "devkit", "doctor")
    assert done.returncode == 1
    said = done.stdout
    for wrong, mend in (
        (".venv is missing", "invoke install"),
        (f".env.local lacks {', '.join(local_secrets.names()[1:])}", "invoke install"),
        ("does not know: MONGO_PORTT", "correct or remove"),
        (f"{QUICK} (pid 1) has ended without being stopped", "invoke db-up"),
    ):
        assert re.search(f"{re.escape(wrong)}.*\n +mend: {re.escape(mend)}", said), said
    assert said.count("wrong ") == said.count("mend:")


def test_the_doctor_tells_of_data_of_other_secrets_and_versions_and_of_readable_secrets(clone: Path) -> None:
    (clone / ".env.local").write_text("".join(f"{name}=a\n" for name in local_secrets.names()))
    (clone / ".env.local").chmod(0o644)
    (clone / ".data" / "mongo").mkdir(parents=True)
    (clone / ".data" / "mongo" / "origin.json").write_text('{"version": "4.4.1", "salt": "00", "digest": "11"}')
    mongod = clone / "mongod"
    mongod.write_text("#!/bin/sh\necho db version v9.0.1\n")
    mongod.chmod(0o755)
    said = run_in(clone, "-m", "devkit", "doctor", PATH=f"{clone}:{os.environ['PATH']}").stdout
    assert "can be read by others" in said
    assert "mongo: the data were made with other credentials" in said
    assert "last used by 4.4.1, and mongod here is 9.0" in said


def test_clean_deletes_what_was_made_and_keeps_data_and_secrets(clone: Path) -> None:
    made = (
        ".venv/bin",
        ".venv-apart/bin",
        ".nox",
        "reports/coverage",
        "prof",
        "libs/common/__pycache__",
        ".data/mongo",
    )
    for name in made:
        (clone / name).mkdir(parents=True)
    (clone / ".env.local").write_text("SECRET_KEY=x\n")
    (clone / ".coverage.1").write_text("")
    assert run_in(clone, "-m", "devkit", "clean", "--yes").returncode == 0
    left = {path.name for path in clone.iterdir()}
    assert left == {
        ".data",
        ".env",
        ".env.local",
        "pyproject.toml",
        "devkit",
        "deploy",
        "requirements",
        "libs",
        "services",
    }
    assert not list(clone.glob("libs/*/__pycache__"))
    assert (clone / ".data" / "mongo").exists()


def test_clean_deletes_data_only_after_a_yes(clone: Path) -> None:
    (clone / ".data").mkdir()
    (clone / ".env.local").write_text("SECRET_KEY=x\n")
    refused = run_in(clone, "-m", "devkit", "clean", "--data")
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert (clone / ".data").exists()
    assert run_in(clone, "-m", "devkit", "clean", "--data", "--yes").returncode == 0
    assert not (clone / ".data").exists()
    assert not (clone / ".env.local").exists()


def test_clean_refuses_while_a_server_runs(clone: Path) -> None:
    servers = Servers(clone / ".data")
    servers.rows("up", "--only", QUICK)
    try:
        done = run_in(clone, "-m", "devkit", "clean", "--data", "--yes")
    finally:
        servers.rows("down", "--only", QUICK)
    assert done.returncode == 1
    assert "invoke db-down" in done.stderr
