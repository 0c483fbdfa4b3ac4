"""Who may log in to the servers: the operators, and each service with an account of its own.

An account is the operators' with the service's name behind it, such as `product-api`, and so is the setting of its
password: `MONGO_API_PASSWORD` beside `MONGO_PASSWORD`. What starts a service gives it the settings of its own account
under the names that each process reads.
"""

import re
from collections.abc import Mapping

from common import settings_files
from devkit import ROOT
from devkit.terminal import CommandError

_PASSWORD = "_PASSWORD"  # noqa: S105 - how the names of settings end
# Tests share servers, and each of them is a product with a database and names of its own: then the operators may all.
SHARED = "SERVERS_SHARED"


def user_of(user: str, service: str) -> str:
    """Return the name of a service's account beside that of the operators."""
    return f"{user}-{service}"


def key_of(password_key: str, service: str) -> str:
    """Return the setting that holds the password of a service's account."""
    return f"{password_key.removesuffix(_PASSWORD)}_{service.upper()}{_PASSWORD}"


def are_shared(settings: Mapping[str, str]) -> bool:
    """Return whether the operators' account is for several products, as in tests."""
    return bool(settings.get(SHARED))


def password(settings: Mapping[str, str], key: str) -> str:
    """Return a password by its setting. Raises CommandError when it is missing, or cannot stand in a server's file."""
    found = settings.get(key, "")
    if not found:
        raise CommandError(f"{key} is not set: run `invoke install`, which writes one to .env.local.")
    if re.search(r"[\s\"'\\#]", found):
        raise CommandError(f"{key} must hold no space, quote, backslash or '#'.")
    return found


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what the settings files name: a server has all it needs in files of its own."""
    named = {name for file in settings_files.ENV_FILES for name in settings_files.read(ROOT / file)}
    return {name: value for name, value in environ.items() if name.removesuffix("_FILE") not in named}
