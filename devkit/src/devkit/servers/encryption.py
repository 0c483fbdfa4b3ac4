"""TLS of the servers of this machine: the certificate that they show, and the authority that their clients trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from common import own_authority
from common.addresses import asks_for_tls
from devkit.terminal import CommandError

# By what a client of this machine may call a server.
NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Encryption:
    """The files in PEM that the servers of one data folder share."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """The servers' certificate, its authority's, and its key."""
        return self.folder / "certificate.pem"

    @property
    def authority(self) -> Path:
        """What clients trust."""
        return self.folder / own_authority.PATH.name

    def provide(self, *, renew: bool = False) -> None:
        """Make what is missing or runs out soon; with `renew` the certificate in any case, of the same authority."""
        from devkit import certificate  # noqa: PLC0415 - slow, and most commands do not need it

        self.folder.parent.mkdir(parents=True, exist_ok=True)
        # Two at once could keep the key of one authority beside the certificate of another.
        with FileLock(self.folder.with_suffix(".lock"), mode=0o600):
            certificate.provide(self.folder, NAMES, renew=renew)


def at(data: Path) -> Encryption:
    """Return the files of the servers of a data folder, whether or not they are there."""
    return Encryption(data.absolute() / own_authority.PATH.parent.name)


def chosen(data: Path, settings: Mapping[str, str]) -> Encryption | None:
    """Return these files where the settings ask for TLS, else None. Raises CommandError for another value."""
    if (value := settings.get("TLS", "")) not in ("", "0", "1"):
        raise CommandError(
            f"TLS={value} is neither 1, for encrypted connections, nor 0 or empty: set it in .env.local."
        )
    return at(data) if asks_for_tls({"tls": value}) else None


def trusted(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings by which clients trust the servers of a data folder, where the user has named none.

    The files are made, for clients check them before there is a server.
    """
    values = {name.lower(): value for name, value in settings.items() if name == name.upper()}
    keys = [key for key in own_authority.keys_of(values) if not values.get(key)]
    if keys:
        at(data).provide()
    return {key.upper(): str(at(data).authority) for key in keys}


def prepared(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings with these too."""
    return {**settings, **trusted(data, settings)}
