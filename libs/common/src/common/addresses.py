"""What the addresses of the servers say about encryption: which options they have, and which are refused.

Works on raw settings, by their lower-case names, for it is asked before there are checked ones.
"""

import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

_MONGO_WEAKENING = {"tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"}
_LOOPBACK = {"localhost", "::1", ""}


def problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the TLS settings in every environment, one line each."""
    return [*_authority(values.get("mongo_url", ""), values.get("mongo_tls_ca_file", ""))]


def weak_options(values: Mapping[str, str]) -> list[str]:
    """Return what production refuses: options by which a server need not prove who it is."""
    options = sorted(_mongo_weakened(values.get("mongo_url", "")))
    if not options:
        return []
    return [f"MONGO_URL: {', '.join(options)} leaves the server unverified; name its authority: MONGO_TLS_CA_FILE"]


def _authority(url: str, path: str) -> Iterator[str]:
    if path:
        if not is_mongo_encrypted(url):
            yield "MONGO_TLS_CA_FILE: is for an encrypted connection: MONGO_URL needs tls=true"
        yield from unreadable("MONGO_TLS_CA_FILE", path)


def unreadable(name: str, path: str) -> Iterator[str]:
    """Yield why the file that a setting names holds no authority."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield f"{name}: {path} holds no certificate in PEM"
    except OSError as error:
        yield f"{name}: {path} cannot be read: {error.strerror}"


def _mongo_weakened(url: str) -> set[str]:
    return {
        name for name, value in _mongo_options(url) if name.lower() in _MONGO_WEAKENING and value.lower() != "false"
    }


def is_mongo_encrypted(url: str) -> bool:
    """Return whether an address of MongoDB asks for encryption."""
    told = [value.lower() == "true" for name, value in _mongo_options(url) if name.lower() in ("tls", "ssl")]
    return told[-1] if told else url.startswith("mongodb+srv://")


def _mongo_options(url: str) -> list[tuple[str, str]]:
    return pairs(url.partition("?")[2].replace(";", "&"))


def pairs(query: str) -> list[tuple[str, str]]:
    """Return the names and values of an address's options, in their order."""
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
