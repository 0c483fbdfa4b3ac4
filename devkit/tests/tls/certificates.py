"""Certificates for servers, and what a server that has one is."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import trustme

from common.config import Settings
from devkit.servers.server import Server
from testing.servers import Servers

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
    # The certificate of a client, where the server takes nobody without one.
    client: Path | None = None
    # The settings that name a private authority, and the certificate that is shown to the server.
    authority_key: ClassVar[str]
    certificate_key: ClassVar[str]
    # Every way in which the product's code connects.
    ways: ClassVar[Sequence[Callable[[Settings], None]]]

    @abstractmethod
    def leading_here(self, where: str, authority: str) -> dict[str, str]:
        """Return the settings that lead to it by a host and port, and trust an authority."""

    def prepare(self) -> None:
        """Do what it needs besides being started."""

    @classmethod
    def start_plain(cls, servers: Servers) -> None:
        """Start one of its kind that speaks no TLS."""
        servers.up(cls.name)

    @staticmethod
    @abstractmethod
    def check_used(settings: Settings) -> None:
        """Fail unless each way has done its work once."""

    @staticmethod
    @abstractmethod
    def asking_less(environ: dict[str, str], option: str) -> dict[str, str]:
        """Return settings with an option in the address that leaves out the `authority` or the `name`."""
