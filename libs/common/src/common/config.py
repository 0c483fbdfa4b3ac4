"""Settings: one frozen object, read once by an entry point. The environment is a parameter, never a global.

Later wins: `.env` (committed) < `.env.local` (generated secrets) < the process environment. Each setting is documented
where it stands, in `.env`; a test keeps the defaults here equal to the values there.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator

Section = TypeVar("Section", bound=BaseModel)
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]

ENV_FILES = (Path(".env"), Path(".env.local"))
PLACEHOLDERS = frozenset({"guest", "admin", "root", "password", "changeme", "change-me", "secret", "example", "test"})
SECRET_LENGTH = 16
WILDCARDS = frozenset({"", "*", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, never bound to


class ConfigError(Exception):
    """What is wrong with the settings, all of it at once, one line each; never holds a secret's value."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("The settings are not usable:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class Settings(BaseModel):
    """The settings of the plumbing. A feature's own settings are a section: `settings.section(ReportSettings)`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project: str = Field("groundwork", pattern=r"^[a-z][a-z0-9-]{0,39}$")
    version: str = "0.0.0"
    environment: Literal["development", "test", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    broker: Literal["redis", "rabbitmq"] = "redis"
    mongo_port: Port = 27017
    redis_port: Port = 6379
    rabbitmq_port: Port = 5672

    mongo_url: SecretStr = SecretStr("")
    mongo_database: str = Field("groundwork", pattern=r"^[A-Za-z0-9_-]{1,60}$")
    mongo_user: str = "groundwork"
    mongo_timeout: Seconds = 5
    broker_url: SecretStr = SecretStr("")
    rabbitmq_user: str = "groundwork"
    mongo_password: SecretStr = SecretStr("")
    redis_password: SecretStr = SecretStr("")
    rabbitmq_password: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")

    api_host: str = "127.0.0.1"
    api_port: Port = 8000
    api_trusted_hosts: str = "127.0.0.1,localhost"
    api_threads: int = Field(8, ge=1, le=256)
    max_body_bytes: int = Field(4194304, ge=1024)

    worker_concurrency: int = Field(2, ge=1, le=256)
    task_time_limit: Seconds = 300
    job_lease: Seconds = 30
    job_max_attempts: int = Field(5, ge=1, le=100)
    heartbeat_file: str = ""

    _sections: dict[type[BaseModel], BaseModel] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str],
        *,
        env_files: Iterable[Path] = ENV_FILES,
        sections: Iterable[type[BaseModel]] = (),
    ) -> Self:
        """Reads the files that exist, then the environment, and checks everything.

        Raises ConfigError naming every setting that is wrong, in this model and in the sections.
        """
        values = _merged(environ, env_files)
        problems: list[str] = []
        settings = _checked(cls, values, problems)
        checked = {model: _checked(model, values, problems) for model in sections}
        if settings is None or problems:
            raise ConfigError(problems)
        settings._sections.update({model: section for model, section in checked.items() if section is not None})
        return settings

    def section(self, model: type[Section]) -> Section:
        """The settings of one feature; its defaults when the entry point did not ask for that section."""
        found = self._sections.get(model)
        return found if isinstance(found, model) else model()

    @property
    def mongo_address(self) -> str:
        """The MongoDB URL with its credentials. Never log it."""
        if url := self.mongo_url.get_secret_value():
            return url
        credentials = f"{quote(self.mongo_user, safe='')}:{quote(self.mongo_password.get_secret_value(), safe='')}"
        return f"mongodb://{credentials}@127.0.0.1:{self.mongo_port}/?replicaSet=rs0&authSource=admin"

    @property
    def broker_address(self) -> str:
        """The broker's URL with its credentials. Never log it."""
        if url := self.broker_url.get_secret_value():
            return url
        if self.broker == "redis":
            password = quote(self.redis_password.get_secret_value(), safe="")
            return f"redis://:{password}@127.0.0.1:{self.redis_port}/0"
        credentials = (
            f"{quote(self.rabbitmq_user, safe='')}:{quote(self.rabbitmq_password.get_secret_value(), safe='')}"
        )
        return f"amqp://{credentials}@127.0.0.1:{self.rabbitmq_port}/{self.project}"

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if self.environment == "production":
            problems = [*self._weak_secrets(), *self._open_addresses(), *self._wide_hosts()]
            if problems:
                raise ValueError("\n".join(problems))
        return self

    def _weak_secrets(self) -> list[str]:
        needed = ["secret_key"]
        if not self.mongo_url.get_secret_value():
            needed.append("mongo_password")
        if not self.broker_url.get_secret_value():
            needed.append(f"{self.broker}_password")
        return [
            f"{name.upper()}: {problem}"
            for name in needed
            if (problem := weakness(getattr(self, name).get_secret_value()))
        ]

    def _open_addresses(self) -> list[str]:
        addresses = {"MONGO_URL": self.mongo_url, "BROKER_URL": self.broker_url}
        return [
            f"{name}: its password {problem}"
            for name, secret in addresses.items()
            if (url := secret.get_secret_value()) and (problem := weakness(password_of(url)))
        ]

    def _wide_hosts(self) -> list[str]:
        problems = []
        if self.api_host in WILDCARDS:
            problems.append("API_HOST: binds to every network of the machine; name the one address or host name")
        hosts = [host.strip() for host in self.api_trusted_hosts.split(",")]
        if WILDCARDS.intersection(hosts):
            problems.append("API_TRUSTED_HOSTS: needs the names the API is reached by")
        return problems


def weakness(secret: str) -> str | None:
    """Why a secret is not fit for production, or None."""
    if not secret:
        return "is missing"
    if secret.lower() in PLACEHOLDERS:
        return "is a placeholder"
    if len(secret) < SECRET_LENGTH:
        return f"is shorter than {SECRET_LENGTH} characters"
    return None


def password_of(url: str) -> str:
    """The password that stands in a URL, or an empty string; also for a URL that cannot be parsed."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _merged(environ: Mapping[str, str], env_files: Iterable[Path]) -> dict[str, str]:
    values: dict[str, str] = {}
    for path in env_files:
        if path.is_file():
            found = dotenv_values(path, interpolate=False, encoding="utf-8")
            values.update({key: value for key, value in found.items() if value is not None})
    values.update(environ)
    return {key.lower(): value for key, value in values.items()}


def _checked(model: type[Section], values: dict[str, str], problems: list[str]) -> Section | None:
    fields: dict[str, Any] = {name: values[name] for name in model.model_fields if name in values}
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in found["loc"]).upper()
            message = found["msg"].removeprefix("Value error, ")
            problems.extend([f"{name}: {message}"] if name else message.splitlines())
        return None
