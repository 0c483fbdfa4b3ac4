"""What any address of a server says: its scheme, its account, its hosts, its options, all of it decoded.

Works on raw settings, for it is asked before there are checked ones.
"""

import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from common.hosts import is_loopback


def asks_for_tls(values: Mapping[str, str]) -> bool:
    """Return whether the settings, by their lower-case names, ask for TLS where no complete address says it."""
    return values.get("tls") == "1"


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


def host_of(url: str) -> str:
    """Return the host in an address; empty where there is none, or when it is no address."""
    try:
        # As the drivers do it: what follows the scheme is read as an address of HTTP.
        rest = url[len(f"{urlsplit(url).scheme}://") :] if "://" in url else url
        return unquote(urlsplit(f"http://{rest}").hostname or "")
    except ValueError:
        return ""


def is_local(url: str) -> bool:
    """Return whether each of several addresses leads to this machine; one without a host does."""
    return all(host == "" or is_loopback(host) for host in map(host_of, url.split(";")))
