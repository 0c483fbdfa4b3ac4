"""Whose request it is that came through proxies.

Each proxy writes at the end of `X-Forwarded-For` from whom it has a request. All that stands before the word of a proxy
of ours can be invented, so the header is read from its end, as long as each who has written is trusted.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


class TrustedProxies:
    """The networks of the proxies that are believed; without any, nobody is."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._networks = networks

    def client(self, peer: str, forwarded: str) -> str:
        """Return the address of who sent a request: the last one that is no trusted proxy's.

        `peer` is who is connected, `forwarded` the header. An entry that is no address ends the search: the address of
        the proxy that wrote it is the last that is known.
        """
        if not (self._networks and forwarded and self._trusts(peer)):
            return peer
        client = peer
        for entry in reversed(forwarded.split(",")):
            if (address := _address(entry.strip())) is None:
                break
            client = str(address)
            if not self._trusts(client):
                break
        return client

    def _trusts(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
