"""One reader of settings files; what must be read before it is installed is read as the reader would read it."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.config import ConfigError, Settings
from common.settings_files import SettingsFileError, read
from devkit import env
from devkit.plain_settings import PlainSettingError, plain_setting
from devkit.terminal import CommandError

from .conftest import ROOT, run_in

PLAIN = {
    "the committed file": (ROOT / ".env").read_text(),
    "nothing": "A=1\n",
    "a comment behind it": "VERSION=1.0 # comment\n",
    "a hash in a comment above": "# VERSION=0\nVERSION=1.0\n",
    "twice": "VERSION=0\nVERSION=1.0\n",
    "spaces around": "  VERSION = 1.0  \n",
    "export": "export VERSION=1.0\n",
    "CRLF": "A=1\r\nVERSION=1.0\r\nB=2\r\n",
    "a byte order mark": "\ufeffVERSION=1.0\n",
    "double quotes": 'VERSION="1.0"\n',
    "single quotes": "VERSION='1.0' # comment\n",
    "empty": "VERSION=\n",
    "an address": "VERSION=https://user:token@mirror.example:8443/simple?a=b\n",
    "a longer name": "MY_VERSION=0\nVERSION_2=0\n",
    "a text of several lines below": 'VERSION=1.0\nA="x\ny"\n',
    "a quote in a comment below": "VERSION=1.0\n# A='x\nA=x # B=\"\n",
}
# The reader reads these, or nothing, by rules that the plain one does not repeat.
ODD = {
    "a text of several lines above": 'A="x\nVERSION=0\n"\nVERSION=1.0\n',
    "a quoted name": "'VERSION'=1.0\n",
    "text behind a quote": 'VERSION="1.0" x\n',
    "text behind a quote without a space": 'VERSION="1.0"x\n',
    "a space inside": "VERSION=1.0 x\n",
    "a hash inside": "VERSION=1#0\n",
    "an escape": 'VERSION="1\\"0"\n',
    "a name without a value": "VERSION=1.0\nVERSION\n",
    "an escaped quote above": "A='it\\'s'\nVERSION=1.0\n",
}


def both(path: Path, text: str) -> tuple[str | None, str | None]:
    path.write_bytes(text.encode())
    return plain_setting(path, "VERSION"), read(path).get("VERSION")


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_setting_is_read_as_the_reader_reads_it(tmp_path: Path, text: str) -> None:
    plain, full = both(tmp_path / ".env", text)
    assert plain == full


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_a_setting_in_another_form_is_refused_in_one_line_that_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(PlainSettingError, match=r"\.env: write VERSION=value in one line"):
        both(tmp_path / ".env", text)


UNCLOSED = {"below": ("VERSION=1.0\nA='x\n", 2), "above": ('A="x\nVERSION=1.0\n', 1), "its own": ('VERSION="1.0\n', 1)}


@pytest.mark.parametrize(("text", "line"), UNCLOSED.values(), ids=UNCLOSED.keys())
def test_a_quote_that_is_not_closed_is_refused_by_all_readers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, line: int
) -> None:
    path = tmp_path / ".env.local"
    path.write_text(text)
    with pytest.raises(PlainSettingError, match=rf"^[^\n]*\.env\.local, line {line}: [^\n]*quote[^\n]*$"):
        plain_setting(path, "VERSION")
    with pytest.raises(CommandError, match=rf"^[^\n]*\.env\.local, line {line}: [^\n]*quote[^\n]*$"):
        env.load(tmp_path, {})
    with pytest.raises(ConfigError, match=rf"\.env\.local, line {line}: .*quote"):
        Settings.load({}, env_files=[path])
    assert not caplog.records


@pytest.mark.parametrize("text", ["two words\n", "A=1\n'A\n", "A=1\nA='x' y\n", "=1\n"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env.local").write_text(text)
    with pytest.raises(CommandError, match=rf"\.env\.local, line {text.count(chr(10))}: "):
        env.load(tmp_path, {})


@pytest.mark.parametrize("command", ["db-status", "dev"])
def test_no_command_starts_with_settings_that_cannot_be_read(clone: Path, command: str) -> None:
    (clone / ".env.local").write_text('A=1\nB="x\n')
    done = run_in(clone, "-m", "devkit", command)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {clone / '.env.local'}, line 2: ")


PIECES = ["VERSION", "=", "'", '"', "\n", "\r\n", " ", "#", "export ", "A", "B=1", "v", "\\", "\t", "\r", "VERSION=v\n"]
PIECES += ["\ufeff", 'X="two\n', "\x0c", "\x85", "\u2028", ":", "é"]


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example(text="VERSION=v\nVERSION\t#\n")
@example(text="'\nVERSION=v\n'")
def test_no_file_is_read_in_two_ways(tmp_path: Path, text: str) -> None:
    try:
        plain, full = both(tmp_path / ".env", text)
    except (PlainSettingError, SettingsFileError):
        return
    # A name without a value, and none at all, are both no setting.
    assert (plain or None) == (full or None)


@pytest.mark.parametrize("project", sorted(ROOT.glob("*/*/pyproject.toml")), ids=lambda path: path.parent.name)
@pytest.mark.parametrize("case", ["the committed file", "a comment behind it", "CRLF", "a text of several lines below"])
def test_the_packages_take_their_version_as_the_reader_reads_it(tmp_path: Path, project: Path, case: str) -> None:
    pattern = tomllib.loads(project.read_text())["tool"]["hatch"]["version"]["pattern"]
    versions = [match["version"] for match in re.finditer(pattern, PLAIN[case])]
    assert versions == [both(tmp_path / ".env", PLAIN[case])[1]]


def test_a_byte_order_mark_belongs_to_no_name(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    path.write_bytes(b"\xef\xbb\xbfMONGO_PORT=1\n")
    assert env.load(tmp_path, {})["MONGO_PORT"] == "1"
    assert Settings.load({}, env_files=[path]).mongo_port == 1


def test_the_environment_wins_over_the_local_file_and_that_over_the_committed_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=committed\nB=committed\nC=committed\n")
    (tmp_path / ".env.local").write_text("B=local\nC=local\n")
    assert env.load(tmp_path, {"C": "environ"}) == {"A": "committed", "B": "local", "C": "environ"}


def test_the_services_take_the_same_names_for_settings(tmp_path: Path) -> None:
    files = [tmp_path / ".env", tmp_path / ".env.local"]
    files[0].write_text("PROJECT=committed\nMONGO_PORT=1\napi_port=2\n")
    files[1].write_text("project=local\nMongo_Port=3\nAPI_PORT=4\n")
    environ = {"project": "environ", "MAX_BODY_BYTES": "5000", "max_body_bytes": "6000"}
    tools, services = env.load(tmp_path, environ), Settings.load(environ, env_files=files)
    assert tools["PROJECT"] == services.project == "committed"
    for name in ("MONGO_PORT", "API_PORT", "MAX_BODY_BYTES"):
        assert int(tools[name]) == getattr(services, name.lower())


def test_a_missing_file_gives_nothing(tmp_path: Path) -> None:
    assert env.load(tmp_path, {}) == {}


def test_commands_without_the_committed_file_say_how_it_comes_back(clone: Path) -> None:
    (clone / ".env").unlink()
    for words in ("db-status", "db-up", "dev", "serve", "doctor"):
        done = run_in(clone, "-m", "devkit", words)
        assert done.returncode == 1
        assert done.stderr.splitlines() == [f"error: {clone / '.env'} is missing: restore it by `git checkout .env`."]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    path.write_bytes("A=\u00fc".encode("latin-1"))
    with pytest.raises(CommandError, match=r"env\.local is no text in UTF-8: .* at byte 2"):
        env.read(path)
    with pytest.raises(PlainSettingError, match=r"env\.local is no text in UTF-8: .* at byte 2"):
        plain_setting(path, "A")
