"""What any address of a server says: its scheme, its account, its hosts, its options, all of it decoded.

Works on raw settings, for it is asked before there are checked ones.
"""

import ssl
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from common.hosts import is_loopback


def unreadable(name: str, path: str) -> Iterator[str]:
    """Yield why the file that a setting names holds no authority."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield f"{name}: {path} holds no certificate in PEM"
    except OSError as error:
        yield f"{name}: {path} cannot be read: {error.strerror}"


def pairs(query: str) -> list[tuple[str, str]]:
    """Return the names and values of an address's options, in their order."""
    return parse_qsl(query, keep_blank_values=True)


def scheme_of(url: str) -> str:
    """Return the scheme of an address in small letters; empty when it has none."""
    return url.partition("://")[0].lower() if "://" in url else ""


def account_of(url: str) -> tuple[str, str]:
    """Return the name and the password in an address; empty where there is none, or when it is no address."""
    try:
        parts = urlsplit(url)
        return unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        return "", ""


def is_local(url: str) -> bool:
    """Return whether the host of an address, or each of several, is this machine."""
    # `@` separates the hosts from the credentials.
    hosts = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    names = [host.rpartition("]")[0].strip("[") if "]" in host else host.partition(":")[0] for host in hosts.split(",")]
    return all(name == "" or is_loopback(unquote(name)) for name in names)
