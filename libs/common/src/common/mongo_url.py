"""The address of MongoDB, read as its driver reads it: what is wrong with it, and what production refuses.

Works on raw settings, by their lower-case names, for it is asked before there are checked ones.
"""

import functools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from common import client_certificate
from common.addresses import asks_for_tls, unreadable
from common.hosts import is_loopback, is_near

_SCHEMES = ("mongodb://", "mongodb+srv://")
_WEAKENING = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames", "tlsdisableocspendpointcheck")


def problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the address, its authority and our certificate in every environment, one line each."""
    return [*_unusable(values.get("mongo_url", "")), *_files(values), *_shows_nothing(values)]


def unsafe(values: Mapping[str, str]) -> Iterator[str]:
    """Yield what production refuses.

    Servers that need not prove who they are, a network that others listen on, writes that may be forgotten.
    """
    url = values.get("mongo_url", "")
    yield from _plain_text(url, "" if asks_for_tls(values) else values.get("mongo_host", ""))
    options = parsed(url).get("options", {})
    if weakened := [name for name in options if name.lower() in _WEAKENING and options[name]]:
        yield (
            f"MONGO_URL: {', '.join(sorted(weakened))} leaves the server unverified; "
            "name its authority: MONGO_TLS_CA_FILE"
        )
    if options.get("w", "majority") != "majority" or options.get("journal", True) is False:
        yield "MONGO_URL: its write concern forgets what was accepted; leave w and journal out"


def is_encrypted(url: str) -> bool:
    """Return whether an address asks for encryption."""
    return bool(parsed(url).get("options", {}).get("tls", url.startswith(_SCHEMES[1])))


def is_by_certificate(url: str) -> bool:
    """Return whether an address asks for an account by certificate, which has no password."""
    return bool(parsed(url).get("options", {}).get("authMechanism") == "MONGODB-X509")


def uses_tls(values: Mapping[str, str]) -> bool:
    """Return whether MongoDB is spoken to encrypted: as its complete address says, or where there is none, TLS."""
    url = values.get("mongo_url", "")
    return is_encrypted(url) if url else asks_for_tls(values)


def authorities(values: Mapping[str, str]) -> list[str]:
    """Return the setting that names MongoDB's authority where it is of this machine and encrypted by TLS=1."""
    here = not values.get("mongo_url") and is_loopback(values.get("mongo_host", "127.0.0.1"))
    return ["mongo_tls_ca_file"] if here and asks_for_tls(values) else []


def is_local(url: str) -> bool:
    """Return whether all hosts of an address are this machine; a domain that names the hosts is not."""
    return _all_are(is_loopback, url)


def parsed(url: str) -> Mapping[str, Any]:
    """Return the parts of an address as the driver calls them, decoded; nothing when it cannot read it."""
    return _read(url)[0]


@functools.lru_cache(maxsize=8)
def _read(url: str) -> tuple[Mapping[str, Any], str]:
    """Return the parts of an address, or what is wrong with it, without any of its text.

    A domain that names the hosts is not asked: that takes time, and a network.
    """
    from pymongo.errors import ConfigurationError, InvalidURI  # noqa: PLC0415 - slow, and not needed without an address
    from pymongo.uri_parser import parse_uri  # noqa: PLC0415 - the same

    if not url.startswith(_SCHEMES):
        return {}, f"begins with neither {' nor '.join(_SCHEMES)}"
    try:
        with warnings.catch_warnings():
            # It warns of what is there twice, and takes the last one.
            warnings.simplefilter("error")
            return parse_uri(f"{_SCHEMES[0]}{url.partition('://')[2]}"), ""
    except InvalidURI:
        return {}, (
            "is no address of MongoDB: mongodb://USER:PASSWORD@HOST:PORT/?OPTIONS, "
            "with what is special in name and password percent-encoded"
        )
    except (ConfigurationError, ValueError, TypeError):
        return {}, "has a port, an option, or a value of one, that MongoDB's driver does not know"
    except UserWarning:
        return {}, "has an option twice"


def _all_are(fits: Callable[[str], bool], url: str) -> bool:
    """Return whether all hosts of an address are sockets or fit; a domain that names the hosts does not."""
    nodes = parsed(url).get("nodelist", [])
    # The ending by which the driver tells a socket from a host.
    fit = all(host.endswith(".sock") or fits(host) for host, _ in nodes)
    return bool(nodes) and not url.startswith(_SCHEMES[1]) and fit


def _plain_text(url: str, host: str) -> Iterator[str]:
    """Yield where data and passwords would travel for everybody to read; what is no address is told of elsewhere."""
    if parsed(url) and not is_encrypted(url) and not _all_are(is_near, url):
        yield "MONGO_URL: leads to another machine in plain text; use tls=true"
    if host and not url and not is_near(host):
        mend = "set TLS=1, or name it in MONGO_URL with tls=true"
        yield f"MONGO_HOST: is another machine, which is reached in plain text; {mend}"


def _unusable(url: str) -> Iterator[str]:
    if url and (problem := _read(url)[1]):
        yield f"MONGO_URL: {problem}"


def _files(values: Mapping[str, str]) -> Iterator[str]:
    for name in ("MONGO_TLS_CA_FILE", "MONGO_TLS_CERT_FILE"):
        if values.get(name.lower()) and not uses_tls(values):
            yield f"{name}: is for an encrypted connection: TLS=1, or a MONGO_URL with tls=true"
    if path := values.get("mongo_tls_ca_file"):
        yield from unreadable("MONGO_TLS_CA_FILE", path)
    yield from client_certificate.unfit("MONGO_TLS_CERT_FILE", values)


def _shows_nothing(values: Mapping[str, str]) -> Iterator[str]:
    """Yield where a certificate is the account, and there is none."""
    url = values.get("mongo_url", "")
    named = values.get("mongo_tls_cert_file") or parsed(url).get("options", {}).get("tlsCertificateKeyFile")
    if is_by_certificate(url) and not named:
        yield "MONGO_URL: authMechanism=MONGODB-X509 is for a certificate; name it in MONGO_TLS_CERT_FILE"
