"""The commands as an operator uses them: their output and their exit codes."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.clients import Clients

from .conftest import AWAY, Admin

pytestmark = pytest.mark.integration


@pytest.mark.usefixtures("clients")
def test_indexes_are_created_and_then_as_declared(admin: Admin) -> None:
    assert admin("indexes")[0] == 0
    assert admin("indexes", "--check") == (0, "The indexes are as declared.\n")


@pytest.mark.parametrize("command", [("indexes",), ("backup", "-")], ids=" ".join)
def test_a_server_that_is_away_is_one_line_that_names_what_starts_it(admin: Admin, command: tuple[str, ...]) -> None:
    code, output = admin(*command, **AWAY)
    assert (code, len(output.splitlines())) == (2, 1), output
    assert output.startswith("MongoDB does not answer: 127.0.0.1:1")
    assert output.endswith(". Start it with `invoke db-up`.\n")


@pytest.mark.parametrize(
    "elsewhere", [{"MONGO_URL": f"mongodb://u:{'p' * 20}@127.0.0.1:1/?tls=true"}, {"ENVIRONMENT": "production"}]
)
def test_what_no_command_here_can_start_is_not_said_to_be_started_by_one(
    admin: Admin, elsewhere: dict[str, str]
) -> None:
    code, output = admin("indexes", **AWAY, **elsewhere)
    assert (code, "MongoDB does not answer" in output, "invoke" in output) == (2, True, False), output


def test_settings_that_are_wrong_are_named(admin: Admin) -> None:
    code, output = admin("indexes", API_PORT="none")
    assert (code, "API_PORT" in output) == (2, True)


def test_the_shell_has_the_database_at_hand(admin: Admin, clients: Clients) -> None:
    code, output = admin("shell", text="print(database.name, settings.environment, clients.ping()['mongo'].ok)\n")
    assert code == 0
    assert f"{clients.settings.mongo_database} test True" in output


def test_the_shell_completes_names_and_attributes(environ: dict[str, str], tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    try:
        shell = subprocess.Popen(
            [sys.executable, "-m", "admin", "shell"],
            env={**os.environ, **environ, "TERM": "dumb"},
            cwd=tmp_path,
            stdin=inside,
            stdout=inside,
            stderr=inside,
        )
        os.close(inside)
        assert read_until(terminal, b">>> ")
        os.write(terminal, b"print('is', settings.environm\t + '!')\n")
        assert read_until(terminal, b"is test!")
        os.write(terminal, b"\x04")
        assert shell.wait(20) == 0
    finally:
        os.close(terminal)


def read_until(terminal: int, text: bytes) -> bool:
    """Read from a terminal until it shows a text; return whether it did within 20 seconds."""
    seen, deadline = b"", time.monotonic() + 20
    os.set_blocking(terminal, False)
    while text not in seen and time.monotonic() < deadline:
        try:
            seen += os.read(terminal, 4096)
        except BlockingIOError:
            time.sleep(0.02)
    return text in seen


def test_settings_are_fit_or_production_names_what_it_refuses(admin: Admin) -> None:
    assert admin("settings") == (0, "The settings are fit for test.\n")
    code, output = admin("settings", ENVIRONMENT="production", SECRET_KEY="changeme")
    assert code == 2
    assert "SECRET_KEY: is made of usual words" in output


def test_every_command_is_listed_with_its_help(admin: Admin) -> None:
    code, output = admin("--help")
    assert code == 0
    for command in ("backup", "indexes", "restore", "settings", "shell"):
        assert f"    {command} " in output


def loaded_by(command: list[str], environ: dict[str, str], folder: Path) -> set[str]:
    """Return the modules that a command has imported in the end."""
    code = f"import sys; from admin.__main__ import main; main({command!r}); print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines())


@pytest.mark.parametrize("command", [["settings"], ["indexes", "--check"]], ids=" ".join)
@pytest.mark.usefixtures("clients")
def test_a_command_does_not_import_the_others(environ: dict[str, str], tmp_path: Path, command: list[str]) -> None:
    loaded = loaded_by(command, environ, tmp_path)
    assert {name for name in loaded if name.startswith("admin.commands.")} == {f"admin.commands.{command[0]}"}
