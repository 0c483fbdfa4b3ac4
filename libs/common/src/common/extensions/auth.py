"""What keys add to the settings."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from common.extension import Extension


class AuthSettings(BaseModel):
    """Whether the API answers those who do not say who they are."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    api_auth: Literal["", "required", "optional"] = ""

    def is_required(self, environment: str) -> bool:
        """Return whether a request needs a key in this environment."""
        return self.api_auth == "required" or (not self.api_auth and environment == "production")


EXTENSION = Extension(sections=(AuthSettings,))
