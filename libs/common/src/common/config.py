"""Settings: one frozen object, read once by an entry point. The environment is a parameter, never a global.

Later wins: `.env` (committed) < `.env.local` (generated secrets) < the process environment. Each setting is documented
where it stands, in `.env`; a test keeps the defaults here equal to the values there, but for the product's name.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from common import extensions, hosts, mongo_url, own_authority, secret_files
from common.names import UNNAMED, checked
from common.production import shared_secrets, unsafe_settings
from common.server_settings import Host, Port, Seconds, credentials
from common.settings_files import ENV_FILES, SettingsFileError, merge

Section = TypeVar("Section", bound=BaseModel)


class ConfigError(Exception):
    """What is wrong with the settings, all of it at once, one line each; never holds a secret's value."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("The settings are not usable:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class SectionError(LookupError):
    """A section was asked for that the entry point has not loaded: its settings were neither read nor checked."""


def secrets_of(model: type[BaseModel]) -> list[str]:
    """Return the names of the settings of a section that are secrets, by their type."""
    return [name for name, field in model.model_fields.items() if field.annotation is SecretStr]


def _added_sections() -> dict[type[BaseModel], BaseModel]:
    return {model: model() for extension in extensions.found() for model in extension.sections}


class Settings(BaseModel):
    """The settings of the plumbing. A feature's own settings are a section: `settings.section(ReportSettings)`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project: Annotated[str, AfterValidator(checked)] = UNNAMED
    version: str = "0.0.0"
    environment: Literal["development", "test", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # Whether the servers that no complete address leads to are spoken to encrypted.
    tls: Literal["", "0", "1"] = ""
    mongo_host: Host = "127.0.0.1"
    mongo_port: Port = 27017
    mongo_replica_set: str = Field("rs0", pattern=r"^[A-Za-z0-9_-]{0,60}$")

    mongo_url: SecretStr = SecretStr("")
    mongo_database: str = Field(UNNAMED, pattern=r"^[A-Za-z0-9_-]{1,60}$")
    mongo_user: str = UNNAMED
    mongo_timeout: Seconds = 5
    mongo_tls_ca_file: str = ""
    mongo_tls_cert_file: str = ""
    mongo_password: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")

    api_host: str = "127.0.0.1"
    api_port: Port = 8000
    api_trusted_hosts: str = "127.0.0.1,localhost"
    api_trusted_proxies: Annotated[str, AfterValidator(hosts.checked_networks)] = ""
    api_workers: int = Field(1, ge=1, le=64)
    api_threads: int = Field(4, ge=1, le=256)
    api_connections: int = Field(4096, ge=1, le=100000)
    api_read_timeout: float = Field(10, ge=0.1, le=60)
    api_stall_limit: Seconds = 30
    max_body_bytes: int = Field(4194304, ge=1024)
    heartbeat_file: str = ""

    # Those of the extensions are always there.
    _sections: dict[type[BaseModel], BaseModel] = PrivateAttr(default_factory=_added_sections)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str],
        *,
        env_files: Iterable[Path] = ENV_FILES,
        sections: Iterable[type[BaseModel]] = (),
    ) -> Self:
        """Read the files that exist, then the environment, and check everything.

        Raises ConfigError naming every setting that is wrong, in this model and in the sections.
        """
        problems: list[str] = []
        files = [*env_files]
        added = extensions.found()
        models: list[type[BaseModel]] = [*(model for extension in added for model in extension.sections), *sections]
        secrets = [*secrets_of(cls), *(name for model in models for name in secrets_of(model))]
        values = secret_files.read_named(_merged(environ, files), secrets, problems)
        values.update(own_authority.named(values, files))
        settings = _checked(cls, values, problems)
        checked = {model: _checked(model, values, problems) for model in models}
        for find in (mongo_url.problems, *(extension.problems for extension in added)):
            problems += find(values)
        if values.get("environment") == "production":
            for find in (unsafe_settings, *(extension.unsafe for extension in added)):
                problems += find(values)
            problems += shared_secrets(values, secrets)
        if settings is None or problems:
            raise ConfigError(problems)
        loaded = {model: section for model, section in checked.items() if section is not None}
        settings._sections.update(loaded)  # noqa: SLF001 - its own class fills it
        return settings

    @classmethod
    def load_or_exit(cls, environ: Mapping[str, str], *, sections: Iterable[type[BaseModel]] = ()) -> Self:
        """Load the settings of an entry point, or end the process with what is wrong, without a stack trace."""
        try:
            return cls.load(environ, sections=sections)
        except ConfigError as error:
            sys.exit(str(error))

    def section(self, model: type[Section]) -> Section:
        """Return the settings of one feature. Raises SectionError when the entry point did not load that section."""
        section = self._sections.get(model)
        if not isinstance(section, model):
            raise SectionError(
                f"{model.__name__} was not loaded: pass it where the settings are read, "
                f"Settings.load(environ, sections=[{model.__name__}])."
            )
        return section

    @property
    def uses_tls(self) -> bool:
        """Return whether the servers that no complete address leads to are spoken to encrypted."""
        return self.tls == "1"

    @property
    def mongo_address(self) -> str:
        """Return the MongoDB URL with its credentials. Never log it."""
        if url := self.mongo_url.get_secret_value():
            return url
        account = credentials(self.mongo_user, self.mongo_password.get_secret_value())
        topology = f"replicaSet={self.mongo_replica_set}" if self.mongo_replica_set else "directConnection=true"
        encryption = "&tls=true" if self.uses_tls else ""
        return f"mongodb://{account}{self.mongo_host}:{self.mongo_port}/?{topology}&authSource=admin{encryption}"


def _merged(environ: Mapping[str, str], env_files: Iterable[Path]) -> dict[str, str]:
    try:
        values = merge(environ, env_files)
    except SettingsFileError as error:
        raise ConfigError([str(error)]) from None
    # Names are written in capitals, as in `.env`: what reads the files beside us knows no other.
    return {name.lower(): value for name, value in values.items() if name == name.upper()}


def _checked(model: type[Section], values: dict[str, str], problems: list[str]) -> Section | None:
    fields: dict[str, Any] = {name: values[name] for name in model.model_fields if name in values}
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            message = problem["msg"].removeprefix("Value error, ")
            problems.append(f"{name}: {message}" if name else message)
        return None
