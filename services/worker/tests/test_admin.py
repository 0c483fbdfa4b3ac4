import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def admin(environ, tmp_path):
    """Runs the command in a folder without settings files; answers exit code and output."""

    def run(*arguments, text="", **settings):
        done = subprocess.run(
            [sys.executable, "-m", "worker.admin", *arguments],
            env={**os.environ, **environ, **settings},
            cwd=tmp_path,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_indexes_are_missing_then_created_then_as_declared(admin, clients):
    code, output = admin("indexes", "--check")
    assert (code, "reports.job_state_due is missing" in output) == (1, True)
    assert admin("indexes")[0] == 0
    assert admin("indexes", "--check") == (0, "The indexes are as declared.\n")


def test_a_server_that_is_away_is_one_line_and_exit_code_2(admin):
    code, output = admin("indexes", MONGO_PORT="1", MONGO_TIMEOUT="0.2")
    assert code == 2
    assert "Traceback" not in output


def test_settings_that_are_wrong_are_named(admin):
    code, output = admin("indexes", API_PORT="none")
    assert (code, "API_PORT" in output) == (2, True)


def test_jobs_are_looked_at(admin, clients):
    assert admin("jobs", "list") == (0, "There is no such job.\n")
    assert admin("jobs", "show", "nothing") == (1, "There is no job nothing.\n")
    code, output = admin("jobs", "list", MONGO_PORT="1", MONGO_TIMEOUT="0.2")
    assert (code, "Traceback" in output) == (2, False)


def test_the_shell_has_the_database_at_hand(admin, clients):
    code, output = admin("shell", text="print(database.name, settings.environment, clients.ping()['mongo'].ok)\n")
    assert code == 0
    assert f"{clients.settings.mongo_database} test True" in output


def test_settings_are_told_to_be_fit_or_named_when_production_refuses_them(admin):
    assert admin("settings") == (0, "The settings are fit for test.\n")
    code, output = admin("settings", ENVIRONMENT="production", SECRET_KEY="changeme")
    assert code == 2
    assert "SECRET_KEY: is a placeholder" in output
