"""Docker Compose with the present settings, or one clear line about what is missing."""

from devkit import env
from devkit.containers.compose import Compose, refuse_without_compose, refuse_without_engine, refuse_without_secrets
from devkit.servers.selection import needed_names


def configured() -> Compose:
    """Return Compose with all settings. Raises CommandError when a secret or Compose is missing."""
    settings = env.load()
    refuse_without_secrets(settings)
    refuse_without_compose()
    return Compose(settings, profiles=needed_names(settings))


def running() -> Compose:
    """Return Compose with all settings, for commands that need an engine. Raises CommandError when none answers."""
    compose = configured()
    refuse_without_engine()
    return compose
