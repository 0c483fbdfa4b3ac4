"""What pages of other sites add to the settings."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from common.extension import Extension
from common.hosts import is_loopback

# As a browser writes it: small letters, no path, and no port that is the scheme's own.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?")
_OWN_PORTS = (("https://", ":443"), ("http://", ":80"))


def _checked(text: str) -> str:
    for origin in _split(text):
        if not _ORIGIN.fullmatch(origin) or any(origin.startswith(a) and origin.endswith(b) for a, b in _OWN_PORTS):
            raise ValueError(f"{origin} is no origin as browsers write it, such as https://app.example.com")
    return text


def _split(text: str) -> list[str]:
    return [origin for part in text.split(",") if (origin := part.strip())]


class CorsSettings(BaseModel):
    """Which pages of other sites may use the API from a browser."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    api_cors_origins: Annotated[str, AfterValidator(_checked)] = ""

    @property
    def origins(self) -> frozenset[str]:
        """Their origins: scheme, host and port."""
        return frozenset(_split(self.api_cors_origins))


def _unsafe(values: Mapping[str, str]) -> list[str]:
    return [
        f"API_CORS_ORIGINS: the page of {origin} comes in plain text, and can be replaced on the way; use https://"
        for origin in _split(values.get("api_cors_origins", ""))
        if origin.startswith("http://") and not is_loopback(urlsplit(origin).hostname or "")
    ]


EXTENSION = Extension(sections=(CorsSettings,), unsafe=_unsafe)
