"""DB_BACKEND=docker says by itself how its servers are spoken to, for all that reads the settings."""

from pathlib import Path

import pytest

from common.config import Settings

COMMITTED, LOCAL = "DB_BACKEND=native\nMONGO_REPLICA_SET=rs0\nTLS=\n", "DB_BACKEND=docker\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """What is committed, and the one line of a developer."""
    files = [tmp_path / ".env", tmp_path / ".env.local"]
    for file, text in zip(files, (COMMITTED, LOCAL), strict=True):
        file.write_text(text)
    return files


def replica_set(files: list[Path], **environ: str) -> str:
    return Settings.load(environ, env_files=files).mongo_replica_set


def test_one_line_is_enough_wherever_it_stands(files: list[Path]) -> None:
    assert replica_set(files) == ""
    assert replica_set(files[:1]) == "rs0"
    assert replica_set(files[:1], DB_BACKEND="docker") == ""
    files[0].write_text(COMMITTED.replace("native", "docker"))
    assert replica_set(files[:1]) == ""


def test_what_is_said_of_the_replica_set_itself_wins(files: list[Path]) -> None:
    """So do the services in containers, which know each other by name."""
    assert replica_set(files, MONGO_REPLICA_SET="rs1") == "rs1"
    files[1].write_text(f"{LOCAL}MONGO_REPLICA_SET=rs2\n")
    assert replica_set(files) == "rs2"
    assert replica_set([], DB_BACKEND="docker", MONGO_REPLICA_SET="rs3") == "rs3"


def test_natively_it_is_what_the_files_say(files: list[Path]) -> None:
    assert replica_set(files, DB_BACKEND="native") == "rs0"


@pytest.mark.parametrize("chosen", ["", "TLS=\n", "TLS=1\n"])
def test_the_servers_are_spoken_to_encrypted(files: list[Path], chosen: str) -> None:
    files[1].write_text(f"{LOCAL}{chosen}")
    assert Settings.load({}, env_files=files).uses_tls
    assert not Settings.load({}, env_files=files[:1]).uses_tls


def test_who_says_no_to_that_speaks_plain_text(files: list[Path]) -> None:
    files[1].write_text(f"{LOCAL}TLS=0\n")
    assert not Settings.load({}, env_files=files).uses_tls
