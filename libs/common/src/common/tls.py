"""Encrypted connections: what MongoDB's driver and the broker's drivers are told, for every connection there is.

By default a server must show a certificate that a known authority has signed, and that is for the name it was called
by. kombu by itself verifies nothing on `rediss://`, and no name on `amqps://`; an address may even ask for less. So an
address's own TLS options are taken out of it and given to the drivers explicitly.
"""

import logging
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from common.config import Settings

log = logging.getLogger(__name__)

# The schemes of a broker's address that are encrypted, and the ones that are not.
ENCRYPTED = ("rediss", "amqps")
PLAIN = ("redis", "amqp", "redis+socket")
# An address's options that name files, and what py-amqp calls them; redis-py calls them as the addresses do.
_FILES = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}
_REQUIREMENTS = {
    "none": ssl.CERT_NONE,
    "CERT_NONE": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "CERT_OPTIONAL": ssl.CERT_OPTIONAL,
}
# The other options that an address may have in production, and the values that they may have.
_HARMLESS = {"ssl_cert_reqs": {"required", "CERT_REQUIRED"}, "ssl_check_hostname": {"true", "True"}}
_MONGO_WEAKENING = {"tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"}
_LOOPBACK = {"localhost", "::1", ""}


@dataclass(frozen=True)
class Broker:
    """The address of a broker without TLS options, and these as kombu and Celery take them; False for plain text."""

    address: str
    options: dict[str, Any] | bool


def broker(settings: "Settings") -> Broker:
    """How the broker is connected to; the address holds its credentials, so never log it."""
    address, options = _taken_out(settings.broker_address)
    parts = urlsplit(address)
    if parts.scheme not in ENCRYPTED:
        return Broker(address, options=False)
    if settings.broker_tls_ca_file:
        options["ssl_ca_certs"] = settings.broker_tls_ca_file
    files = {name: value for name, value in options.items() if name in _FILES}
    # What is not understood is not taken for a wish to demand less.
    requirement = _REQUIREMENTS.get(options.get("ssl_cert_reqs", ""), ssl.CERT_REQUIRED)
    check_name = requirement != ssl.CERT_NONE and options.get("ssl_check_hostname", "").lower() != "false"
    if parts.scheme == "rediss":
        return Broker(address, {**files, "ssl_cert_reqs": requirement, "ssl_check_hostname": check_name})
    # The name of the address: kombu puts 127.0.0.1 in the place of localhost before the driver sees it.
    name = {"server_hostname": unquote(parts.hostname or "localhost")} if check_name else {}
    return Broker(address, {**{_FILES[key]: value for key, value in files.items()}, "cert_reqs": requirement, **name})


def mongo(settings: "Settings") -> dict[str, Any]:
    """What MongoDB's driver is told beside the address; it verifies authority and name by itself."""
    return {"tlsCAFile": settings.mongo_tls_ca_file} if settings.mongo_tls_ca_file else {}


def problems(values: Mapping[str, str]) -> list[str]:
    """What is wrong with the TLS settings anywhere, one line each; `values` are raw, by their lower-case names."""
    return [*_authorities(values), *_broker_address(values.get("broker_url", ""))]


def weak_options(values: Mapping[str, str]) -> list[str]:
    """What production refuses: options of an address by which a server need not prove who it is."""
    lines = []
    if found := sorted(_mongo_weakened(values.get("mongo_url", ""))):
        lines.append(
            f"MONGO_URL: {', '.join(found)} leaves the server unverified; name its authority: MONGO_TLS_CA_FILE"
        )
    if found := sorted(_broker_weakened(values.get("broker_url", ""))):
        lines.append(
            f"BROKER_URL: {', '.join(found)} weakens how the server is verified; set BROKER_TLS_CA_FILE instead"
        )
    scheme = _scheme(values.get("broker_url", ""))
    if scheme and scheme not in (*ENCRYPTED, *PLAIN):
        lines.append(f"BROKER_URL: begins with none of {', '.join(f'{each}://' for each in (*ENCRYPTED, *PLAIN))}")
    return lines


def plain_text(settings: "Settings") -> list[str]:
    """The settings whose address leads to another machine unencrypted, passwords included, with the mend."""
    mongo_url, broker_url = settings.mongo_url.get_secret_value(), settings.broker_url.get_secret_value()
    lines = []
    if mongo_url and not _mongo_encrypted(mongo_url) and not _is_here(mongo_url):
        lines.append("MONGO_URL: the connection is not encrypted, its password neither: add tls=true")
    if _scheme(broker_url) in ("redis", "amqp") and not _is_here(broker_url):
        lines.append("BROKER_URL: the connection is not encrypted, its password neither: use rediss:// or amqps://")
    return lines


def warn(settings: "Settings") -> None:
    """Log each of these. In a network of containers, or behind a tunnel, that may be as it should be."""
    for line in plain_text(settings):
        log.warning("%s.", line)


def _authorities(values: Mapping[str, str]) -> Iterator[str]:
    mongo_url, broker_url = values.get("mongo_url", ""), values.get("broker_url", "")
    if path := values.get("mongo_tls_ca_file"):
        if not _mongo_encrypted(mongo_url):
            yield "MONGO_TLS_CA_FILE: is for an encrypted connection: MONGO_URL needs tls=true"
        yield from _unreadable("MONGO_TLS_CA_FILE", path)
    if path := values.get("broker_tls_ca_file"):
        if _scheme(broker_url) not in ENCRYPTED:
            yield "BROKER_TLS_CA_FILE: is for an encrypted connection: BROKER_URL must begin with rediss:// or amqps://"
        yield from _unreadable("BROKER_TLS_CA_FILE", path)


def _unreadable(name: str, path: str) -> Iterator[str]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield f"{name}: {path} holds no certificate in PEM"
    except OSError as error:
        yield f"{name}: {path} cannot be read: {error.strerror}"


def _broker_address(url: str) -> Iterator[str]:
    scheme = _scheme(url)
    if scheme in PLAIN and _options(url):
        yield f"BROKER_URL: has TLS options and begins with {scheme}://, which is not encrypted"
    if scheme in ENCRYPTED and ";" in url:
        yield "BROKER_URL: names several hosts; over TLS it must be one name that all of their certificates are for"


def _taken_out(address: str) -> tuple[str, dict[str, str]]:
    """An address without its TLS options, and these."""
    options = _options(address)
    if not options:
        return address, {}
    base, _, query = address.partition("?")
    kept = [(name, value) for name, value in _pairs(query) if name not in options]
    return (f"{base}?{urlencode(kept)}" if kept else base), options


def _options(address: str) -> dict[str, str]:
    """The TLS options of a broker's address, as kombu finds them there."""
    return {name: value for name, value in _pairs(address.partition("?")[2]) if name.startswith("ssl")}


def _broker_weakened(url: str) -> set[str]:
    others = {name: value for name, value in _options(url).items() if name not in _FILES}
    return {name for name, value in others.items() if value not in _HARMLESS.get(name, ())}


def _mongo_weakened(url: str) -> set[str]:
    return {
        name for name, value in _mongo_options(url) if name.lower() in _MONGO_WEAKENING and value.lower() != "false"
    }


def _mongo_encrypted(url: str) -> bool:
    told = [value.lower() == "true" for name, value in _mongo_options(url) if name.lower() in ("tls", "ssl")]
    return told[-1] if told else url.startswith("mongodb+srv://")


def _mongo_options(url: str) -> list[tuple[str, str]]:
    return _pairs(url.partition("?")[2].replace(";", "&"))


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""


def _is_here(url: str) -> bool:
    """Whether all hosts of an address are this machine; `@` parts them from the credentials."""
    hosts = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    names = [each.rpartition("]")[0].strip("[") if "]" in each else each.partition(":")[0] for each in hosts.split(",")]
    return all(name in _LOOPBACK or name.startswith("127.") for name in names)
