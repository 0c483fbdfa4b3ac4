"""What the settings of all servers have in common: the types of their fields, and the credentials in an address."""

from typing import Annotated
from urllib.parse import quote

from pydantic import Field

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]


def credentials(user: str, password: str) -> str:
    """Return what precedes the host in an address; nothing for a server without a password."""
    return f"{quote(user, safe='')}:{quote(password, safe='')}@" if password else ""
