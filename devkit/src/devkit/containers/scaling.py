"""How many containers of the worker there are."""

from __future__ import annotations

import re

from devkit.containers.compose import Compose
from devkit.terminal import CommandError, say

# Only what has no port of its own on this machine can be there several times.
SCALABLE = ("worker",)


def scale(compose: Compose, wanted: str) -> None:
    """Change how many containers of a service run, until the next `invoke up`."""
    match = re.fullmatch(r"(?P<service>[a-z]+)=(?P<count>\d{1,3})", wanted)
    if not match:
        raise CommandError(f"`{wanted}` is not understood: `invoke scale worker=3`.")
    service, count = match["service"], int(match["count"])
    if service not in SCALABLE:
        raise CommandError(f"{service} cannot be there several times; these can: {', '.join(SCALABLE)}.")
    compose.run("up", "--detach", "--wait", "--no-deps", "--no-recreate", "--scale", f"{service}={count}", service)
    say(f"{count} of {service} run; to keep that, set {service.upper()}_REPLICAS={count} in .env.local")
