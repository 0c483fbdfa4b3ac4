"""The settings of the console."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from admin.console.password import checked
from common.config import Settings
from common.server_settings import Port

_NEEDED = "CONSOLE_PASSWORD_HASH: is missing; make a password with `invoke password`"


class ConsoleSettings(BaseModel):
    """The port of the page, and what is kept of the password of those who may see it."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    console_port: Port = 8001
    console_password_hash: Annotated[SecretStr, AfterValidator(checked)] = SecretStr("")


def password_hash(settings: Settings) -> str:
    """Return what is kept of the password, empty where nobody is asked for one.

    Ends the process in production without one: there it would show everybody's data to each user of the machine.
    """
    kept = settings.section(ConsoleSettings).console_password_hash.get_secret_value()
    if not kept and settings.environment == "production":
        raise SystemExit(_NEEDED)
    return kept
