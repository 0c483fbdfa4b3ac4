"""The authority of this folder's own servers, which `TLS=1 invoke db-up` makes: trusted where nobody names another.

Works on raw settings, by their lower-case names, for the checks are to see what follows from them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from common import extensions, mongo_url

# Beside the settings files.
PATH = Path(".data", "tls", "authority.pem")


def named(values: Mapping[str, str], env_files: Sequence[Path]) -> dict[str, str]:
    """Return the settings that name an authority and are empty, with the file of this folder's own, if there is one.

    It signs for this machine only, so a server elsewhere is left to the authorities of the system.
    """
    keys = [key for key in keys_of(values) if not values.get(key)]
    path = env_files[0].parent.absolute() / PATH if keys and env_files else PATH
    return dict.fromkeys(keys, str(path)) if path.is_absolute() and path.is_file() else {}


def keys_of(values: Mapping[str, str]) -> list[str]:
    """Return the settings that name the authority of a server of this machine that TLS=1 encrypts."""
    added = [key for extension in extensions.found() for key in extension.authorities(values)]
    return [*mongo_url.authorities(values), *added]
