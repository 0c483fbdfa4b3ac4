"""The settings of the console."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from admin.console.password import checked
from common.config import Settings
from common.server_settings import Port

_NEEDED = "CONSOLE_PASSWORD_HASH: is missing; make a password with `invoke password`"
_ORIGIN = re.compile(r"https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")


def _checked_origin(origin: str) -> str:
    """Return an origin as it is. Raises ValueError for what is none, or is not encrypted."""
    if origin and not _ORIGIN.fullmatch(origin):
        raise ValueError("must be empty, or as https://console.example.com, with a port if it is not 443")
    return origin


class ConsoleSettings(BaseModel):
    """The port of the page, what is kept of the password of those who may see it, and its address behind a proxy."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    console_port: Port = 8001
    console_password_hash: Annotated[SecretStr, AfterValidator(checked)] = SecretStr("")
    console_origin: Annotated[str, AfterValidator(_checked_origin)] = ""

    @property
    def host(self) -> str:
        """The name by which it is reached through the proxy, without the port; empty where there is none."""
        return urlsplit(self.console_origin).hostname or ""


def password_hash(settings: Settings) -> str:
    """Return what is kept of the password, empty where nobody is asked for one.

    Ends the process without one in production, and where others reach it: there it would show everybody's data to each
    user of the machine, or to everybody.
    """
    section = settings.section(ConsoleSettings)
    kept = section.console_password_hash.get_secret_value()
    if not kept and (section.console_origin or settings.environment == "production"):
        raise SystemExit(_NEEDED)
    return kept
