"""Encrypted connections to the broker: what its drivers are told, for every connection there is.

kombu by itself verifies no name, or nothing at all; an address may even ask for less. So an address's own TLS options
are taken out of it and given to the drivers explicitly.
"""

import logging
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from common import brokers
from common.addresses import is_local, scheme_of
from common.config import Settings
from common.extensions.queue.checks import FILES, without_options
from common.extensions.queue.settings import QueueSettings
from common.queue.broker import address_of, kind_of

log = logging.getLogger(__name__)

_REQUIREMENTS = {
    "none": ssl.CERT_NONE,
    "CERT_NONE": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "CERT_OPTIONAL": ssl.CERT_OPTIONAL,
}


@dataclass(frozen=True)
class Broker:
    """The address of a broker without TLS options, and these as kombu and Celery take them; False for plain text."""

    address: str
    options: dict[str, Any] | bool


def broker(settings: Settings) -> Broker:
    """Return how the broker is connected to; the address holds its credentials, so never log it."""
    address, options = without_options(address_of(settings))
    parts = urlsplit(address)
    kind = kind_of(settings)
    if parts.scheme != kind.encrypted:
        return Broker(address, options=False)
    queue = settings.section(QueueSettings)
    if queue.broker_tls_ca_file:
        options["ssl_ca_certs"] = queue.broker_tls_ca_file
    if queue.broker_tls_cert_file:
        options["ssl_certfile"] = options["ssl_keyfile"] = queue.broker_tls_cert_file
    files = {name: value for name, value in options.items() if name in FILES}
    # What is not understood is not taken for a wish to demand less.
    requirement = _REQUIREMENTS.get(options.get("ssl_cert_reqs", ""), ssl.CERT_REQUIRED)
    check_name = requirement != ssl.CERT_NONE and options.get("ssl_check_hostname", "").lower() != "false"
    host = unquote(parts.hostname or "localhost")
    return Broker(address, kind.tls_options(files, requirement, check_name=check_name, host=host))


def plain_text(settings: Settings) -> list[str]:
    """Return the settings whose address leads to another machine unencrypted, passwords included, with the mend."""
    url = settings.section(QueueSettings).broker_url.get_secret_value()
    kind = brokers.of_scheme(scheme := scheme_of(url))
    if kind and scheme == kind.plain and not is_local(url):
        return [f"BROKER_URL: the connection is not encrypted, its password neither: use {kind.encrypted}://"]
    return []


def warn(settings: Settings) -> None:
    """Log each of these. Production has refused what is not near; in development that may be as it should be."""
    for line in plain_text(settings):
        log.warning("%s.", line)
