"""The settings of ipecho; documented where they stand, in `.env`."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter


def _http_url(text: str) -> str:
    """Return the text itself when it is an http(s) URL; pydantic's own type would rewrite it."""
    TypeAdapter(HttpUrl).validate_python(text)
    return text


class IpechoSettings(BaseModel):
    """Whom to ask, and the seconds that asking may take altogether, retries included."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    ipecho_url: Annotated[str, AfterValidator(_http_url)] = "https://api.ipify.org"
    ipecho_timeout: float = Field(3, gt=0, le=60, allow_inf_nan=False)
