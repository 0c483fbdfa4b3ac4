"""What keys add to the settings."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from common.extension import Extension
from common.hosts import is_loopback


class AuthSettings(BaseModel):
    """Whether the API answers those who do not say who they are."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    api_auth: Literal["", "required", "optional"] = ""
    oidc_issuer: str = Field("", pattern=r"^(https?://\S+)?$", max_length=500)
    oidc_audience: str = ""

    def is_required(self, environment: str) -> bool:
        """Return whether a request needs a key in this environment."""
        return self.api_auth == "required" or (not self.api_auth and environment == "production")


def _problems(values: Mapping[str, str]) -> list[str]:
    issuer = values.get("oidc_issuer", "")
    if issuer and not values.get("oidc_audience"):
        return ["OIDC_AUDIENCE: is missing; without it a token that was made for another service would be good here"]
    return []


def _unsafe(values: Mapping[str, str]) -> list[str]:
    issuer = urlsplit(values.get("oidc_issuer", ""))
    if issuer.scheme == "http" and not is_loopback(issuer.hostname or ""):
        return ["OIDC_ISSUER: its keys come in plain text, and can be replaced on the way; use https://"]
    return []


EXTENSION = Extension(sections=(AuthSettings,), problems=_problems, unsafe=_unsafe)
