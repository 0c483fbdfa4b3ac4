"""What limits of rates add to the settings."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from common.extension import Extension

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
# A number of requests and the time it is for; empty for none.
Written = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,8}/(second|minute|hour))?$")]


@dataclass(frozen=True)
class Rate:
    """How many requests are answered within so many seconds; `name` tells which, to clients too."""

    name: str
    amount: int
    seconds: int


class LimitsSettings(BaseModel):
    """How many requests of one caller are answered."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    rate_limits: Literal["", "on", "off"] = ""
    rate_limit_read: Written = "12000/minute"
    rate_limit_write: Written = "3000/minute"
    rate_limit_unknown: Written = "120/minute"
    rate_limit_without_store: Literal["open", "closed"] = "open"

    def are_on(self, environment: str) -> bool:
        """Return whether requests are counted in this environment."""
        return self.rate_limits == "on" or (not self.rate_limits and environment == "production")

    def rate(self, name: Literal["read", "write", "unknown"]) -> Rate | None:
        """Return a limit; None where there is none."""
        written: str = getattr(self, f"rate_limit_{name}")
        amount, _, unit = written.partition("/")
        return Rate(name, int(amount), _SECONDS[unit]) if written else None


EXTENSION = Extension(sections=(LimitsSettings,))
