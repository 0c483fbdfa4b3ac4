"""The ways in which the whole stack can run, for tests that run on each of them."""

from devkit.extensions import extensions

# The settings that make the difference, by a name.
_FOUND = [settings for module in extensions("server_kinds") for settings in module.variations()]
VARIATIONS: dict[str, dict[str, str]] = {"-".join(each.values()): each for each in _FOUND} or {"stack": {}}
