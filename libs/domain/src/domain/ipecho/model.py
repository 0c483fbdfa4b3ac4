"""What ipecho answers, and the ways in which a remote service fails."""

from ipaddress import IPv4Address, IPv6Address

from pydantic import BaseModel, Field


class PublicAddress(BaseModel):
    """The address that the internet sees us by."""

    ip: IPv4Address | IPv6Address = Field(examples=["203.0.113.7"])


class RemoteError(Exception):
    """The remote service did not give a usable answer; the message says what it did, never what it said."""


class RemoteUnavailableError(RemoteError):
    """It could not be reached, or said that it cannot serve now."""


class RemoteTimeoutError(RemoteError):
    """It did not answer within the time it has."""


class RemoteInvalidError(RemoteError):
    """It answered something that is not an IP address."""
