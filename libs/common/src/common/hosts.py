"""Hosts, as the system reads them: which are this machine, which are every network, which are everybody's names."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

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


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any spelling that the system takes; None for a name."""
    bare = host.strip().removeprefix("[").removesuffix("]")
    try:
        address = ip_address(bare)
    except ValueError:
        try:
            # Short, octal and hexadecimal spellings, such as 0 or 0x7f.1, mean an address to the system.
            return IPv4Address(socket.inet_aton(bare)) if bare and not bare[-1].isspace() else None
        except (OSError, ValueError):
            return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    address = address_of(host)
    return address.is_loopback if address else host.rstrip(".").lower() == "localhost"


def is_every_network(host: str) -> bool:
    """Return whether listening on a host means listening on every network of the machine."""
    address = address_of(host)
    return address.is_unspecified if address else host.strip() in ("", "*")


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
