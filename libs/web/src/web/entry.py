"""What an entry point does first, in the process that serves."""

from collections.abc import Iterable, MutableMapping

from common import tls
from common.config import Settings
from common.environment import clean
from common.feature import Feature, sections
from common.logging import setup
from common.metrics import join


def begin(environ: MutableMapping[str, str], features: Iterable[Feature]) -> Settings:
    """Begin logs and metrics, and return the settings of an environment; ends a process whose settings are not usable.

    Takes the libraries' variables out of it: another server than ours may load this, and they ask for them later.
    """
    clean(environ)
    settings = Settings.load_or_exit(environ, sections=sections(features))
    setup(settings, service="api")
    tls.warn(settings)
    join()
    return settings
