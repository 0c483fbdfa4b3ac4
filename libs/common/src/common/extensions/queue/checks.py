"""What is wrong with the settings of the broker, and what production refuses there.

Works on raw settings, by their lower-case names, for it is asked before there are checked ones.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from common import brokers, client_certificate
from common.addresses import account_of, asks_for_tls, host_of, pairs, scheme_of, unreadable
from common.broker import BrokerKind
from common.hosts import is_every_network, is_loopback, is_near
from common.production import ADMINISTRATORS
from common.weakness import weakness

# An address's options that name files.
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
# The other options that an address may have in production, and the values that they may have.
_HARMLESS = {"ssl_cert_reqs": {"required", "CERT_REQUIRED"}, "ssl_check_hostname": {"true", "True"}}


def problems(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the TLS settings in every environment, one line each."""
    return [*_files(values), *_address(values.get("broker_url", ""))]


def unsafe(values: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that production refuses."""
    url = values.get("broker_url", "")
    return [
        *_weak_secret(values, url),
        *_weak_options(url),
        *_plain_text(values, url),
        *_administrator(values, url),
        *_wide_host(values),
    ]


def _weak_secret(values: Mapping[str, str], url: str) -> Iterator[str]:
    kind, project = _kind(values), values.get("project", "")
    if url:
        for _, password in _accounts(url):
            if problem := weakness(password, project, *(each.name for each in brokers.kinds())):
                yield f"BROKER_URL: its password {problem}"
                return
    elif problem := weakness(values.get(kind.password_key.lower(), ""), project, kind.name, kind.title):
        yield f"{kind.password_key}: {problem}"


def _administrator(values: Mapping[str, str], url: str) -> Iterator[str]:
    """Yield where the product would work as an administrator of the broker."""
    mend = "is an administrator; the product needs an account of its own"
    if url:
        if any(name.casefold() in ADMINISTRATORS for name, _ in _accounts(url)):
            yield f"BROKER_URL: its user {mend}"
        return
    for name in _kind(values).named_after_project:
        if values.get(name.lower(), "").casefold() in ADMINISTRATORS:
            yield f"{name}: {mend}"


def _accounts(url: str) -> list[tuple[str, str]]:
    """Return the name and the password of each of several addresses."""
    return [account_of(each) for each in url.split(";")]


def _kind(values: Mapping[str, str]) -> BrokerKind:
    """Return the kind that is used; one that is not there is told of elsewhere."""
    name = values.get("broker", "")
    return brokers.named(name if name in brokers.names() else "")


def _weak_options(url: str) -> Iterator[str]:
    """Yield options by which a broker need not prove who it is."""
    if options := sorted(_weakened(url)):
        yield f"BROKER_URL: {', '.join(options)} weakens how the server is verified; set BROKER_TLS_CA_FILE instead"
    scheme = scheme_of(url)
    if scheme and brokers.of_scheme(scheme) is None:
        known = [*encrypted_schemes(), *plain_schemes()]
        yield f"BROKER_URL: begins with none of {', '.join(f'{each}://' for each in known)}"


def _plain_text(values: Mapping[str, str], url: str) -> Iterator[str]:
    """Yield where messages and passwords would travel for everybody to read."""
    if url:
        # Another scheme is told of elsewhere.
        if (kind := brokers.of_scheme(scheme_of(url))) and not all(map(_is_private, url.split(";"))):
            yield f"BROKER_URL: leads to another machine in plain text; use {kind.encrypted}://"
        return
    kind = _kind(values)
    if (host := values.get(kind.host_key.lower())) and not is_near(host) and not asks_for_tls(values):
        mend = f"set TLS=1, or name it in BROKER_URL with {kind.encrypted}://"
        yield f"{kind.host_key}: is another machine, which is reached in plain text; {mend}"


def _is_private(address: str) -> bool:
    """Return whether nobody on a network can read what goes to an address; one without a host is this machine's."""
    private = [*encrypted_schemes(), *(scheme for kind in brokers.kinds() for scheme in kind.local)]
    host = host_of(address)
    return host == "" or is_near(host) or scheme_of(address) in private


def _wide_host(values: Mapping[str, str]) -> Iterator[str]:
    if (host := values.get("metrics_host")) and is_every_network(host):
        yield "METRICS_HOST: binds to every network of the machine; name the one address, or none"


def encrypted_schemes() -> list[str]:
    """Return the schemes of a broker's address that are encrypted."""
    return [kind.encrypted for kind in brokers.kinds()]


def plain_schemes() -> list[str]:
    """Return the schemes of a broker's address that are not encrypted."""
    return [scheme for kind in brokers.kinds() for scheme in (kind.plain, *kind.local)]


def uses_tls(values: Mapping[str, str]) -> bool:
    """Return whether the broker is spoken to encrypted: as its complete address says, or where there is none, TLS."""
    url = values.get("broker_url", "")
    return scheme_of(url) in encrypted_schemes() if url else asks_for_tls(values)


def authorities(values: Mapping[str, str]) -> list[str]:
    """Return the setting that names the broker's authority where it is of this machine and encrypted by TLS=1."""
    if values.get("broker_url") or not asks_for_tls(values):
        return []
    return ["broker_tls_ca_file"] if is_loopback(values.get(_kind(values).host_key.lower(), "127.0.0.1")) else []


def _files(values: Mapping[str, str]) -> Iterator[str]:
    for name in ("BROKER_TLS_CA_FILE", "BROKER_TLS_CERT_FILE"):
        if values.get(name.lower()) and not uses_tls(values):
            needed = " or ".join(f"{scheme}://" for scheme in encrypted_schemes())
            yield f"{name}: is for an encrypted connection: TLS=1, or a BROKER_URL with {needed}"
    if path := values.get("broker_tls_ca_file"):
        yield from unreadable("BROKER_TLS_CA_FILE", path)
    yield from client_certificate.unfit("BROKER_TLS_CERT_FILE", values)


def _address(url: str) -> Iterator[str]:
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
    kept = [(name, value) for name, value in pairs(query) if name not in options]
    return (f"{base}?{urlencode(kept)}" if kept else base), options


def _options(address: str) -> dict[str, str]:
    """Return the TLS options of a broker's address, as kombu finds them there."""
    return {name: value for name, value in pairs(address.partition("?")[2]) if name.startswith("ssl")}


def _weakened(url: str) -> set[str]:
    others = {name: value for name, value in _options(url).items() if name not in FILES}
    return {name for name, value in others.items() if value not in _HARMLESS.get(name, ())}
