"""Settings of servers that are not there."""

from common.discovery import modules_of
from testing import plugins
from testing.servers import unused_ports


def nowhere() -> dict[str, str]:
    """Return settings by which no server is found; a module of `testing.plugins` adds its own by `nowhere(port)`."""
    mongo, other = unused_ports(2)
    added = [module.nowhere(other) for module in modules_of(plugins) if hasattr(module, "nowhere")]
    return {"MONGO_PORT": str(mongo), **{name: value for each in added for name, value in each.items()}}


def offline_environ() -> dict[str, str]:
    """Return all settings that an API needs which finds no server, and is not kept waiting by that."""
    own = {"ENVIRONMENT": "test", "MONGO_PASSWORD": "m" * 32, "MONGO_TIMEOUT": "0.2", "SECRET_KEY": "k" * 32}
    return {**own, **nowhere()}
