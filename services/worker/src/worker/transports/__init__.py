"""The drivers of the brokers, as the consumer uses them: what they cannot read does not end the worker.

They read what stands in the queue inside the event loop, where any error that is not the connection's ends the process.
Each is a module of this folder, and bears the name of its kind of broker.
"""

import sys
from functools import cache
from typing import Any

from common.discovery import modules_of

DRIVERS = modules_of(sys.modules[__name__])


@cache
def checking(transport: type[Any]) -> type[Any]:
    """Return the same transport, which reads only what looks like ours. Raises LookupError for an unknown one."""
    for module in DRIVERS:
        found: type[Any] | None = module.checking(transport)
        if found is not None:
            return found
    raise LookupError(f"Nothing here knows how to check what {transport.__module__} reads.")
