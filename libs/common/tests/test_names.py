"""The product's name: what it may be, and what is named after it."""

from pathlib import Path

import pytest

from common import extensions
from common.config import ConfigError, Settings
from common.names import LONGEST, problem
from common.settings_files import merge, named_after_project

BAD = {
    "": "is empty",
    "class": "is a word of Python",
    "admin": "is a database of MongoDB's own",
    "local": "is a database of MongoDB's own",
    "config": "is a database of MongoDB's own",
    "test": "is the database of MongoDB's shell, and of tests",
    "Name": "holds a capital",
    "a name": "holds ' '",
    "name'": 'holds "\'"',
    'name"': "holds '\"'",
    "$HOME": "holds '$'",
    "{{ name }}": "holds '{'",
    "../name": "holds '.'",
    "a\nname": r"holds '\n'",
    "name\n": r"holds '\n'",
    "a_name": "holds '_'",
    "name😀": "holds '😀'",
    "größe": "holds 'ö'",
    "name٣": "holds '٣'",
    "a" * 200: "is the beginning of 200 characters",
    "-name": "begins with a dash",
    "2name": "begins with a digit",
    "name-": "ends with a dash",
    "a--name": "holds two dashes in a row",
}
BAD |= {name: reason for extension in extensions.found() for name, reason in extension.taken_names.items()}


@pytest.mark.parametrize("name", BAD, ids=lambda name: ascii(name)[:20])
def test_a_bad_name_is_told_its_rule_and_what_is_allowed_in_one_line_also_by_the_settings(name: str) -> None:
    assert f"{BAD[name]}; a name is words of small letters and digits" in problem(name)
    assert problem(name).isprintable()
    assert len(problem(name)) < 200
    with pytest.raises(ConfigError) as caught:
        Settings.load({"PROJECT": name}, env_files=())
    assert f"PROJECT: {problem(name)}" in caught.value.problems


@pytest.mark.parametrize("name", ["a", "name", "a-name-2", "x9-9-9", "a" * LONGEST])
def test_a_good_name_is_the_one_of_database_and_accounts(name: str) -> None:
    settings = Settings.load({"PROJECT": name, "MONGO_DATABASE": ""}, env_files=())
    assert {settings.project, settings.mongo_database, settings.mongo_user} == {name}
    merged = merge({"PROJECT": name}, [])
    assert {merged[key] for key in named_after_project()} == {name}


def test_what_stands_explicitly_is_kept(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PROJECT=name\nMONGO_DATABASE=before\nMONGO_USER=\n")
    settings = Settings.load({}, env_files=(file,))
    assert (settings.mongo_database, settings.mongo_user) == ("before", "name")
    other = Settings.load({"PROJECT": "other", "MONGO_DATABASE": ""}, env_files=(file,))
    assert (other.mongo_database, other.mongo_user) == ("other", "other")


def test_the_longest_name_fits_into_what_is_made_of_it() -> None:
    """MongoDB's databases and the labels of DNS, as in names of hosts, have 63 bytes; its clients' names, 128."""
    longest = "a" * LONGEST
    assert len(f"{longest}-mongo-management-99") <= 63
    assert len(f"{longest} on {longest} restore {'0' * 8}".encode()) <= 128
