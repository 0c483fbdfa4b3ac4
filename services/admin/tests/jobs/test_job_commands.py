"""What jobs add to the commands, as an operator uses them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from services.admin.tests.test_commands import loaded_by

pytestmark = pytest.mark.integration

Admin = Callable[..., tuple[int, str]]
AWAY = {"MONGO_PORT": "1", "MONGO_TIMEOUT": "0.2"}


@pytest.mark.usefixtures("clients")
def test_indexes_are_missing_then_created_then_as_declared(admin: Admin) -> None:
    code, output = admin("indexes", "--check")
    assert (code, "ticks.job_state_due is missing" in output) == (1, True)
    assert admin("indexes")[0] == 0
    assert admin("indexes", "--check") == (0, "The indexes are as declared.\n")


def test_a_server_that_is_away_is_one_line_that_names_what_starts_it(admin: Admin) -> None:
    code, output = admin("jobs", "list", **AWAY)
    assert (code, len(output.splitlines())) == (2, 1), output
    assert output.startswith("MongoDB does not answer: 127.0.0.1:1")
    assert output.endswith(". Start it with `invoke db-up`.\n")


@pytest.mark.usefixtures("clients")
def test_jobs_are_listed_and_shown(admin: Admin) -> None:
    assert admin("jobs", "list") == (0, "There is no such job.\n")
    assert admin("jobs", "show", "nothing") == (1, "There is no job nothing.\n")


def test_the_command_is_listed_with_its_help(admin: Admin) -> None:
    code, output = admin("--help")
    assert (code, "    jobs " in output) == (0, True)


@pytest.mark.parametrize("command", [["settings"], ["indexes", "--check"]], ids=" ".join)
@pytest.mark.usefixtures("clients")
def test_another_command_does_not_import_celery(environ: dict[str, str], tmp_path: Path, command: list[str]) -> None:
    loaded = loaded_by(command, environ, tmp_path)
    assert {name for name in loaded if name.startswith("admin.commands.")} == {f"admin.commands.{command[0]}"}
