"""What the addresses of the servers say about encryption: which options they have, and which are refused.

Works on raw settings, by their lower-case names, for it is asked before there are checked ones.
"""

import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

from common import brokers

# An address's options that name files.
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
# The other options that an address may have in production, and the values that they may have.
_HARMLESS = {"ssl_cert_reqs": {"required", "CERT_REQUIRED"}, "ssl_check_hostname": {"true", "True"}}
_MONGO_WEAKENING = {"tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"}
_LOOPBACK = {"localhost", "::1", ""}


def problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the TLS settings in every environment, one line each."""
    return [*_authorities(values), *_broker_address(values.get("broker_url", ""))]


def weak_options(values: Mapping[str, str]) -> list[str]:
    """Return what production refuses: options by which a server need not prove who it is."""
    lines = []
    if options := sorted(_mongo_weakened(values.get("mongo_url", ""))):
        lines.append(
            f"MONGO_URL: {', '.join(options)} leaves the server unverified; name its authority: MONGO_TLS_CA_FILE"
        )
    if options := sorted(_broker_weakened(values.get("broker_url", ""))):
        lines.append(
            f"BROKER_URL: {', '.join(options)} weakens how the server is verified; set BROKER_TLS_CA_FILE instead"
        )
    scheme = scheme_of(values.get("broker_url", ""))
    if scheme and brokers.of_scheme(scheme) is None:
        known = [*encrypted_schemes(), *plain_schemes()]
        lines.append(f"BROKER_URL: begins with none of {', '.join(f'{each}://' for each in known)}")
    return lines


def encrypted_schemes() -> list[str]:
    """Return the schemes of a broker's address that are encrypted."""
    return [kind.encrypted for kind in brokers.kinds()]


def plain_schemes() -> list[str]:
    """Return the schemes of a broker's address that are not encrypted."""
    return [scheme for kind in brokers.kinds() for scheme in (kind.plain, *kind.local)]


def _authorities(values: Mapping[str, str]) -> Iterator[str]:
    mongo_url, broker_url = values.get("mongo_url", ""), values.get("broker_url", "")
    if path := values.get("mongo_tls_ca_file"):
        if not is_mongo_encrypted(mongo_url):
            yield "MONGO_TLS_CA_FILE: is for an encrypted connection: MONGO_URL needs tls=true"
        yield from _unreadable("MONGO_TLS_CA_FILE", path)
    if path := values.get("broker_tls_ca_file"):
        if scheme_of(broker_url) not in encrypted_schemes():
            needed = " or ".join(f"{scheme}://" for scheme in encrypted_schemes())
            yield f"BROKER_TLS_CA_FILE: is for an encrypted connection: BROKER_URL must begin with {needed}"
        yield from _unreadable("BROKER_TLS_CA_FILE", path)


def _unreadable(name: str, path: str) -> Iterator[str]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield f"{name}: {path} holds no certificate in PEM"
    except OSError as error:
        yield f"{name}: {path} cannot be read: {error.strerror}"


def _broker_address(url: str) -> Iterator[str]:
    scheme = scheme_of(url)
    if scheme in plain_schemes() and _options(url):
        yield f"BROKER_URL: has TLS options and begins with {scheme}://, which is not encrypted"
    if scheme in encrypted_schemes() and ";" in url:
        yield "BROKER_URL: names several hosts; over TLS it must be one name that all of their certificates are for"


def without_options(address: str) -> tuple[str, dict[str, str]]:
    """Return an address without its TLS options, and these options."""
    options = _options(address)
    if not options:
        return address, {}
    base, _, query = address.partition("?")
    kept = [(name, value) for name, value in _pairs(query) if name not in options]
    return (f"{base}?{urlencode(kept)}" if kept else base), options


def _options(address: str) -> dict[str, str]:
    """Return the TLS options of a broker's address, as kombu finds them there."""
    return {name: value for name, value in _pairs(address.partition("?")[2]) if name.startswith("ssl")}


def _broker_weakened(url: str) -> set[str]:
    others = {name: value for name, value in _options(url).items() if name not in FILES}
    return {name for name, value in others.items() if value not in _HARMLESS.get(name, ())}


def _mongo_weakened(url: str) -> set[str]:
    return {
        name for name, value in _mongo_options(url) if name.lower() in _MONGO_WEAKENING and value.lower() != "false"
    }


def is_mongo_encrypted(url: str) -> bool:
    """Return whether an address of MongoDB asks for encryption."""
    told = [value.lower() == "true" for name, value in _mongo_options(url) if name.lower() in ("tls", "ssl")]
    return told[-1] if told else url.startswith("mongodb+srv://")


def _mongo_options(url: str) -> list[tuple[str, str]]:
    return _pairs(url.partition("?")[2].replace(";", "&"))


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def scheme_of(url: str) -> str:
    """Return the scheme of an address in small letters; empty when it has none."""
    return url.partition("://")[0].lower() if "://" in url else ""


def is_local(url: str) -> bool:
    """Return whether all hosts of an address are this machine."""
    # `@` separates the hosts from the credentials.
    hosts = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    names = [host.rpartition("]")[0].strip("[") if "]" in host else host.partition(":")[0] for host in hosts.split(",")]
    return all(name in _LOOPBACK or name.startswith("127.") for name in names)
