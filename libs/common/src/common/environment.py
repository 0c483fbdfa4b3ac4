"""Environment variables of the libraries: another project's would change what runs here, past our settings.

`python -m common.environment MODULE ARGUMENTS...` runs a module without them, for some are read while a library is
imported; entry points of our own call `leave_foreign` first. What belongs to the machine or to its operator
stays: proxies, certificates, time zone, locale, and the folder of the metrics. devkit/tests/environment has each
variable with its reason.
"""

import os
import runpy
import sys
from collections.abc import Mapping, MutableMapping

from common import libraries
from common.discovery import modules_of

# What the services bring; below are those of this package.
_LIBRARIES = modules_of(libraries)
# Families, of which new members may come with each version.
PREFIXES = (
    "OTEL_",
    "PYDANTIC_",
    *(prefix for module in _LIBRARIES for prefix in module.PREFIXES),
)
NAMES = frozenset(
    {
        # pymongo, prometheus-client and python-dotenv.
        "MONGOB_LOG_MAX_DOCUMENT_LENGTH",
        "PROMETHEUS_DISABLE_CREATED_SERIES",
        "PROMETHEUS_LEGACY_NAME_VALIDATION",
        "PYTHON_DOTENV_DISABLED",
        "prometheus_multiproc_dir",
        # Python's ssl writes the keys of every connection to this file.
        "SSLKEYLOGFILE",
        *(name for module in _LIBRARIES for name in module.NAMES),
    }
)


def is_foreign(name: str) -> bool:
    """Return whether a variable belongs to a library."""
    return name in NAMES or name.startswith(PREFIXES)


def clean(environ: MutableMapping[str, str]) -> None:
    """Remove the libraries' variables from an environment."""
    for name in [name for name in environ if is_foreign(name)]:
        del environ[name]


def leave_foreign(environ: Mapping[str, str] = os.environ) -> None:
    """Restart this program without these variables, if there are any: some have been read by now.

    For entry points alone, before they do anything. The process keeps its number.
    """
    if any(is_foreign(name) for name in environ):
        own = {name: value for name, value in environ.items() if not is_foreign(name)}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], own)  # noqa: S606 - the command that was given to us


if __name__ == "__main__":
    leave_foreign()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
