"""The settings files are read as python-dotenv, which the product uses, reads them."""

import io
from pathlib import Path

import pytest
from dotenv import dotenv_values

from common.config import Settings
from devkit import env
from devkit.terminal import CommandError

from .conftest import ROOT


@pytest.mark.parametrize(
    "text",
    [
        (ROOT / ".env").read_text(),
        "A=1\nB = two words \nC=\n",
        "A=plain # a comment\nB=no#comment\nC='single # quoted' # comment\nD=\"double # quoted\"\n",
        "# A=1\n  # B=2\n\nexport C=3\n  D=4\n",
        "A='it\\'s'\nB=\"a\\nb\\t\\\"c\\\"\"\nC='a\\nb'\nD=a\\nb\n",
        'A="two\nlines"\nB=after\n',
        "A=1\r\nB=two\r\n",
        "A=1\nA=2\n",
        "A=a=b=c\nB=https://user:pw@host/path?x=1&y=2#frag\n",
        "A=\nB=   \nC= # c\nD=#d\nE=\t#e\n",
        "A=${B}\nB=$C\n",
        "A=ünï\nB='日本'\n",
    ],
)
def test_a_file_means_what_it_means_to_python_dotenv(text: str) -> None:
    assert env.parse(text) == dotenv_values(stream=io.StringIO(text), interpolate=False)


def test_the_environment_wins_over_the_local_file_and_that_over_the_committed_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=committed\nB=committed\nC=committed\n")
    (tmp_path / ".env.local").write_text("B=local\nC=local\n")
    assert env.load(tmp_path, {"C": "environ"}) == {"A": "committed", "B": "local", "C": "environ"}


def test_the_services_take_the_same_names_for_settings(tmp_path: Path) -> None:
    files = [tmp_path / ".env", tmp_path / ".env.local"]
    files[0].write_text("PROJECT=committed\nMONGO_PORT=1\nredis_port=2\n")
    files[1].write_text("project=local\nMongo_Port=3\nREDIS_PORT=4\n")
    environ = {"project": "environ", "RABBITMQ_PORT": "5", "rabbitmq_port": "6"}
    tools, services = env.load(tmp_path, environ), Settings.load(environ, env_files=files)
    assert tools["PROJECT"] == services.project == "committed"
    for name in ("MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT"):
        assert int(tools[name]) == getattr(services, name.lower())


def test_a_missing_file_gives_nothing(tmp_path: Path) -> None:
    assert env.load(tmp_path, {}) == {}


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    path.write_bytes("A=\u00fc".encode("latin-1"))
    with pytest.raises(CommandError, match=r"env\.local is no text in UTF-8: .* at byte 2"):
        env.read(path)
