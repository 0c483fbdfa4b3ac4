"""Certificates for servers, and what a server that has one is."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

import trustme

from devkit.servers.server import Server

NAME, ADDRESS = "localhost", "127.0.0.1"


@dataclass(frozen=True)
class Pair:
    """A server's certificate with its key, and the authority that it asks of others, as files in PEM."""

    certificate: Path
    authority: Path


def issue(authority: trustme.CA, folder: Path, name: str, **validity: object) -> Pair:
    """Write a certificate for NAME."""
    made = authority.issue_cert(NAME, **validity)  # type: ignore[arg-type]  # from now to far in the future unless given
    pair = Pair(folder / f"{name}.pem", folder / f"{name}-authority.pem")
    made.private_key_and_cert_chain_pem.write_to_path(str(pair.certificate))
    authority.cert_pem.write_to_path(str(pair.authority))
    # Some servers want it private.
    pair.certificate.chmod(0o600)
    return pair


class TlsServer(Server):
    """A server that takes encrypted connections only."""

    pair: Pair

    @abstractmethod
    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return the settings that lead to it by a host and port, and trust an authority."""
