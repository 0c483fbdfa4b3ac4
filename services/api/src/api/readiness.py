"""What extensions add to `/readyz`: a server beside MongoDB, and reasons why accepted work is not done."""

from collections.abc import Callable
from dataclasses import dataclass

from common.clients import Clients


@dataclass(frozen=True)
class Addition:
    """A server that the clients ping as `part`, and that requests can be served without.

    `reasons` tell what else keeps work from being done. The two texts stand in the OpenAPI document: what is answered
    without the server, and what the reasons are about.
    """

    part: str
    reasons: Callable[[Clients], list[str]]
    without: str
    about_reasons: str
