import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from common import extensions
from common.config import ConfigError, SectionError, Settings
from common.production import unsafe_settings
from testing.strong import of_extensions, strong

# What production needs of the extensions.
ADDED = of_extensions()
SAFE = {
    "ENVIRONMENT": "production",
    "PROJECT": "product",
    "SECRET_KEY": strong("key"),
    "MONGO_PASSWORD": strong("mongo"),
    **ADDED,
    "API_TRUSTED_HOSTS": "reports.example.org",
}


def problems(environ: dict[str, str], **arguments: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ, env_files=(), **arguments)
    return caught.value.problems


def test_a_later_file_wins_and_the_environment_wins_over_both(tmp_path: Path) -> None:
    first, second = tmp_path / ".env", tmp_path / ".env.local"
    first.write_text("API_PORT=1001\nMONGO_PORT=1002\nMAX_BODY_BYTES=1033\n")
    second.write_text("MONGO_PORT=2002\nMAX_BODY_BYTES=2033\n")
    settings = Settings.load({"MAX_BODY_BYTES": "3033"}, env_files=(first, second, tmp_path / "missing"))
    assert (settings.api_port, settings.mongo_port, settings.max_body_bytes) == (1001, 2002, 3033)


def test_names_are_written_as_in_the_settings_file(tmp_path: Path) -> None:
    """The tools read them so, too: one setting cannot be two things."""
    file = tmp_path / ".env"
    file.write_text("project=file\nMONGO_PORT=1002\nmongo_port=3\n")
    settings = Settings.load({"project": "other", "api_port": "1", "Api_Port": "2"}, env_files=(file,))
    assert (settings.project, settings.api_port, settings.mongo_port) == ("product", 8000, 1002)


def test_a_lower_case_name_does_not_hide_what_production_refuses() -> None:
    assert problems({**SAFE, "SECRET_KEY": "short", "secret_key": strong("key"), "environment": "test"})


def test_every_violation_is_reported_at_once_with_those_of_the_sections() -> None:
    class Section(BaseModel):
        depth: int = Field(3, ge=1)

    environ = {"ENVIRONMENT": "production", "API_PORT": "70000", "API_STALL_LIMIT": "nan", "DEPTH": "0"}
    named = {problem.split(":")[0] for problem in problems(environ, sections=[Section])}
    assert named == {
        "API_PORT",
        "API_STALL_LIMIT",
        "DEPTH",
        "PROJECT",
        "SECRET_KEY",
        "MONGO_PASSWORD",
        *ADDED,
    }


def test_a_section_is_read_from_the_same_environment() -> None:
    class Section(BaseModel):
        depth: int = 3

    assert Settings.load({"DEPTH": "7"}, env_files=(), sections=[Section]).section(Section).depth == 7
    assert Settings.load({}, env_files=(), sections=[Section]).section(Section).depth == 3


def test_a_section_that_the_entry_point_did_not_load_has_no_defaults() -> None:
    class Section(BaseModel):
        depth: int = 3

    settings = Settings.load({"DEPTH": "7"}, env_files=())
    with pytest.raises(SectionError, match=r"Section was not loaded.*sections=\[Section\]"):
        settings.section(Section)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.load({}, env_files=()).api_port = 1  # type: ignore[misc] # what is tested


def test_secrets_are_in_no_repr_and_in_no_error() -> None:
    environ = {"SECRET_KEY": "hush-hush", "MONGO_URL": "mongodb://u:hush-hush@h/", "API_PORT": "0"}
    assert "hush-hush" not in str(problems(environ)) + repr(problems(environ))
    settings = Settings.load({**environ, "API_PORT": "1"}, env_files=())
    assert "hush-hush" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize("secret", ["", "guest", "Password", "changeme", "short"])
def test_production_refuses_weak_secrets(secret: str) -> None:
    found = problems({**SAFE, "SECRET_KEY": secret})
    assert [line.split(":")[0] for line in found] == ["SECRET_KEY"]
    assert Settings.load({"SECRET_KEY": secret}, env_files=()).environment == "development"


@pytest.mark.parametrize(
    "unsafe",
    [
        {"MONGO_URL": "mongodb://db.example.org/?tls=true"},
        {"API_HOST": "0.0.0.0"},  # noqa: S104 - it is refused
        {"API_TRUSTED_HOSTS": "a.example.org,*"},
        {"API_TRUSTED_HOSTS": ""},
    ],
)
def test_production_refuses_open_addresses(unsafe: dict[str, str]) -> None:
    assert len(problems({**SAFE, **unsafe})) == 1


def test_production_starts_with_safe_settings() -> None:
    assert Settings.load(SAFE, env_files=()).environment == "production"
    url = {"MONGO_URL": "mongodb://u:0123456789abcdef@db.example.org/?tls=true", "MONGO_PASSWORD": ""}
    assert not unsafe_settings({name.lower(): value for name, value in {**SAFE, **url}.items()})


def test_local_addresses_quote_their_credentials() -> None:
    settings = Settings.load({"MONGO_PASSWORD": "a/b@c"}, env_files=())
    assert settings.mongo_address == "mongodb://product:a%2Fb%40c@127.0.0.1:27017/?replicaSet=rs0&authSource=admin"
    assert Settings.load({"MONGO_URL": "mongodb://x/"}, env_files=()).mongo_address == "mongodb://x/"


def test_servers_are_reached_by_their_names_and_mongodb_directly_where_no_replica_set_is_named() -> None:
    inside = Settings.load({"MONGO_HOST": "mongo"}, env_files=())
    assert inside.mongo_address == "mongodb://mongo:27017/?replicaSet=rs0&authSource=admin"
    outside = Settings.load({"MONGO_REPLICA_SET": ""}, env_files=())
    assert outside.mongo_address == "mongodb://127.0.0.1:27017/?directConnection=true&authSource=admin"
    assert "MONGO_REPLICA_SET" in str(problems({"MONGO_REPLICA_SET": "rs0&tls=false"}))


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a@b", "-a", "a:1"])
def test_a_host_is_a_name_and_no_part_of_an_address(host: str) -> None:
    assert "MONGO_HOST" in str(problems({"MONGO_HOST": host}))


def test_the_settings_file_documents_every_setting_once(pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / ".env").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)
    assert len(names) == len(set(names))
    models: list[type[BaseModel]] = [Settings, *(model for each in extensions.found() for model in each.sections)]
    assert {name.upper() for model in models for name in model.model_fields} <= set(names)


def test_the_settings_file_holds_no_secret(pytestconfig: pytest.Config) -> None:
    settings = Settings.load({}, env_files=(Path(pytestconfig.rootpath, ".env"),))
    models: list[BaseModel] = [
        settings,
        *(settings.section(model) for each in extensions.found() for model in each.sections),
    ]
    secrets = [value for model in models for _, value in model]
    assert all(each.get_secret_value() == "" for each in secrets if isinstance(each, SecretStr))
