"""What systemd is told by a service that it has started with `Type=notify`; see sd_notify(3) and deploy/systemd/."""

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)

# Ready as of now, and not hanging: the first tells systemd that the start has succeeded, later ones change nothing.
_ALIVE = b"READY=1\nWATCHDOG=1"


def notify(environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd that this service works; call it more often than its unit's `WatchdogSec`.

    Without the variable NOTIFY_SOCKET nothing happens. Raises nothing: a sign that fails is no reason to stop.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A name in the abstract namespace begins with a zero byte, which no variable can hold.
    path = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            client.sendto(_ALIVE, path)
    except OSError as error:
        log.warning("systemd could not be told that this service works: %s", error)
