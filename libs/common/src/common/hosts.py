"""Hosts, as the system reads them: which are this machine or near, which every network, which everybody's names."""

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# Where registries and hosting companies give names to everybody: what ends so belongs to nobody in particular.
_SECOND_LEVEL = {"ac", "co", "com", "edu", "gov", "gob", "go", "net", "ne", "nom", "or", "org"}
_SHARED = {
    "amazonaws.com",
    "appspot.com",
    "azurewebsites.net",
    "cloudfront.net",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "vercel.app",
}
_COUNTRY_CODE = 2
# A name without a dot. In ASCII only: resolvers take some other characters for a dot.
_LABEL = re.compile(r"[A-Za-z0-9_-]+\.?")


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any spelling that the system takes; None for a name."""
    bare = host.strip().removeprefix("[").removesuffix("]")
    try:
        address = ip_address(bare)
    except ValueError:
        try:
            # Short, octal and hexadecimal spellings, such as 0 or 0x7f.1, mean an address to the system.
            # That reads up to a space, and no other function of the system does.
            return IPv4Address(socket.inet_aton(bare)) if bare.split() == [bare] else None
        except (OSError, ValueError):
            return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    address = address_of(host)
    return address.is_loopback if address else host.rstrip(".").lower() == "localhost"


def is_near(host: str) -> bool:
    """Return whether nobody else listens on the way to a host: it is this machine, or has a name without a dot.

    Such a name is known to this machine's own list, or to the resolver of a network that has one of its own.
    """
    return is_loopback(host) or (address_of(host) is None and _LABEL.fullmatch(host) is not None)


def is_every_network(host: str) -> bool:
    """Return whether listening on a host means listening on every network of the machine."""
    address = address_of(host)
    return address.is_unspecified if address else host.strip() in ("", "*")


def networks_of(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of a list with commas, in which an address stands for itself alone.

    Raises ValueError for what is none, and for the network of all addresses.
    """
    networks = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        try:
            network = ip_network(name)
        except ValueError as error:
            raise ValueError(f"{name} is no address and no network: {error}") from None
        if network.prefixlen == 0:
            raise ValueError(f"{name} is everybody")
        networks.append(network)
    return tuple(networks)


def checked_networks(text: str) -> str:
    """Return a list of networks as it is. Raises ValueError as `networks_of` does."""
    networks_of(text)
    return text


def is_everybodys(pattern: str) -> bool:
    """Return whether a trusted host, `.name` standing for all names below it, stands for hosts of anybody."""
    pattern = pattern.strip().lower()
    below = pattern.startswith(".")
    name = pattern.strip(".")
    if not name or "*" in name or is_every_network(name):
        return True
    labels = name.split(".")
    is_registry = len(labels) == 2 and len(labels[1]) == _COUNTRY_CODE and labels[0] in _SECOND_LEVEL
    return name in _SHARED or is_registry or (below and len(labels) == 1)
