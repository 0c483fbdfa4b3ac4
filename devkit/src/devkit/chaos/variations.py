"""Settings of single processes that a fault asks for, such as a proxy in place of the network."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from devkit.stack import accounts

from .broker import HOLD_LIMIT
from .context import FaultContext, UnsupportedError
from .proxy import HOST
from .stack import APIS, WORKERS, Variation

Vary = Callable[[FaultContext], Variation]

_LIBFAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
_CLOCK_OFFSET = 600


def usual(_context: FaultContext) -> Variation:
    """Return no change."""
    return {}


def networked(context: FaultContext) -> Variation:
    """Let the API and the workers reach the servers through the proxies."""
    settings, ports = context.stack.settings, {name: str(proxy.port) for name, proxy in context.networks.items()}
    key = context.stack.broker_port_key
    own = accounts.of("worker", settings)
    account = f"{own['MONGO_USER']}:{quote(own['MONGO_PASSWORD'], safe='')}"
    # Direct, because a client that discovers the replica set would connect past the proxy.
    mongo = f"mongodb://{account}@{HOST}:{ports['worker-mongo']}/?directConnection=true&authSource=admin"
    worker, api = {key: ports["worker-broker"], "MONGO_URL": mongo}, {key: ports["api-broker"]}
    return dict.fromkeys(WORKERS, worker) | dict.fromkeys(APIS, api)


def half_networked(context: FaultContext) -> Variation:
    """Do as `networked`, but let one worker discover MongoDB's replica set, as it does in production."""
    variation = networked(context)
    return {**variation, "worker2": {**variation["worker2"], "MONGO_URL": ""}}


def misbehaving(_context: FaultContext) -> Variation:
    """Give up soon on jobs of titles that misbehave."""
    settings = {"JOB_LEASE": "4", "JOB_MAX_ATTEMPTS": "3"}
    return dict.fromkeys(WORKERS, settings)


def short_time_limit(context: FaultContext) -> Variation:
    """Limit a task to two seconds."""
    return {name: {**settings, "TASK_TIME_LIMIT": "2"} for name, settings in misbehaving(context).items()}


def short_hold(context: FaultContext) -> Variation:
    """Let the broker redeliver a message that is held longer than two seconds."""
    limit = {"VISIBILITY_TIMEOUT": str(HOLD_LIMIT)}
    return {name: {**settings, **limit} for name, settings in misbehaving(context).items()}


def wrong_clocks(_context: FaultContext) -> Variation:
    """Set one worker's clock ten minutes ahead, the other's back. Raise UnsupportedError without faketime."""
    libraries = sorted(Path("/").glob(_LIBFAKETIME.lstrip("/")))
    if not libraries:
        raise UnsupportedError("another clock needs libfaketime: apt install faketime")
    # Only the time of day is wrong, not the speed of the clock.
    library = {"LD_PRELOAD": str(libraries[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    offsets = (_CLOCK_OFFSET, -_CLOCK_OFFSET)
    return {name: library | {"FAKETIME": f"{offset:+d}s"} for name, offset in zip(WORKERS, offsets, strict=True)}
