"""Encrypted connections: what MongoDB's driver is told, for every connection there is.

By default a server must show a certificate that a known authority has signed, and that is for the name it was called
by.
"""

import logging
from typing import Any

from common.config import Settings
from common.mongo_url import is_encrypted, is_local

log = logging.getLogger(__name__)


def mongo(settings: Settings) -> dict[str, Any]:
    """Return what MongoDB's driver is told beside the address; it verifies authority and name by itself."""
    files = {"tlsCAFile": settings.mongo_tls_ca_file, "tlsCertificateKeyFile": settings.mongo_tls_cert_file}
    return {name: path for name, path in files.items() if path}


def plain_text(settings: Settings) -> list[str]:
    """Return the settings whose address leads to another machine unencrypted, passwords included, with the mend."""
    url = settings.mongo_url.get_secret_value()
    if url and not is_encrypted(url) and not is_local(url):
        return ["MONGO_URL: the connection is not encrypted, its password neither: add tls=true"]
    return []


def warn(settings: Settings) -> None:
    """Log each of these. Production has refused what is not near; in development that may be as it should be."""
    for line in plain_text(settings):
        log.warning("%s.", line)
