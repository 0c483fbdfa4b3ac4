"""What extensions add to `/readyz`: a server beside MongoDB, and what is told of work that does not need it at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from common.clients import Clients, Ping


@dataclass(frozen=True)
class Addition:
    """A server that the clients ping as `part`, and that requests can be served without.

    `model` has the fields of the answer that it adds or tells in more detail, and `state` returns them, from all pings.
    `without` is a text of the OpenAPI document: what is answered without the server.
    """

    part: str
    model: type[BaseModel]
    state: Callable[[Clients, Mapping[str, Ping]], BaseModel]
    without: str
