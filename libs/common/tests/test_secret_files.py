"""Each secret may stand in a file that another setting names."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from common.config import Settings
from testing.strong import strong

from .refusals import SAFE, refused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{strong('file')}\n")
    path.chmod(0o400)
    return path


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_may_stand_in_a_file(tmp_path: Path, end: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(f"{strong('file')}{end}".encode())
    path.chmod(0o440)
    settings = Settings.load({**SAFE, "SECRET_KEY": "", "SECRET_KEY_FILE": str(path)}, env_files=())
    assert settings.secret_key.get_secret_value() == strong("file")


def test_every_secret_may_those_of_features_too(file: Path) -> None:
    class Section(BaseModel):
        mail_password: SecretStr = SecretStr("")

    settings = Settings.load({"MAIL_PASSWORD_FILE": str(file)}, env_files=(), sections=[Section])
    assert settings.section(Section).mail_password.get_secret_value() == strong("file")


def test_what_is_no_secret_is_read_from_no_file(file: Path) -> None:
    assert Settings.load({"LOG_LEVEL_FILE": str(file), "PROJECT_FILE": "/nowhere"}, env_files=()).log_level == "INFO"


def test_both_a_secret_and_its_file_are_refused(file: Path) -> None:
    (line,) = refused(SECRET_KEY_FILE=str(file))
    assert line == "SECRET_KEY_FILE: SECRET_KEY is set too; leave one of them empty"


def test_a_file_that_everybody_may_read_is_refused_in_production_alone(file: Path) -> None:
    file.chmod(0o444)
    given = {"SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    assert any("may be read or written by everybody" in line for line in refused(**given))
    assert refused(**given, ENVIRONMENT="development") == []


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo", b"nul\0", b"\xff\xfe", b"x" * 70_000, None])
def test_a_file_that_holds_no_secret_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content) if content is not None else path.mkdir()
    line = refused(ENVIRONMENT="development", SECRET_KEY="", SECRET_KEY_FILE=str(path))
    assert [each.split(":")[0] for each in line] == ["SECRET_KEY_FILE"]
    assert refused(ENVIRONMENT="development", SECRET_KEY="", SECRET_KEY_FILE="/nowhere")[0].endswith(
        "No such file or directory"
    )


def test_no_secret_of_a_file_is_printed(file: Path) -> None:
    said: Any = refused(SECRET_KEY="", SECRET_KEY_FILE=str(file), MONGO_PASSWORD=strong("file"))
    assert said
    assert strong("file") not in str(said)
