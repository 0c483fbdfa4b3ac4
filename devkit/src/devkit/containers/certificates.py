"""Encryption between the containers: a certificate for each server, and whom the services trust.

The authority is this clone's own. A server is given what is its own by its environment, as the proxy is.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from devkit import ROOT, certificate
from devkit.servers import encryption

_DATA = ROOT / ".data"
_AUTHORITY = "_TLS_CA_FILE"


def secrets(servers: Iterable[str]) -> dict[str, str]:
    """Return the variables that hold a server's certificate with its key, by the servers' names."""
    return {server: f"{server.upper()}_CERTIFICATE" for server in servers}


def variables(settings: Mapping[str, str], servers: Iterable[str], data: Path = _DATA) -> dict[str, str]:
    """Return what the containers' files name: whether there is TLS, what each server shows, and whom services trust.

    What settings say of an authority, or of a server elsewhere, stays. Raises CommandError for an unknown TLS.
    """
    # Nothing said is yes here: what natively stays on this machine goes over a network.
    files = encryption.chosen(data, {"TLS": settings.get("TLS") or "1"})
    if files is None:
        return {"TLS": "0"}
    shown = {
        variable: certificate.provide(files.folder, [server, *encryption.NAMES], server).read_text(encoding="ascii")
        for server, variable in secrets(servers).items()
    }
    trusted = dict.fromkeys(_unnamed(settings), str(files.authority)) if shown else {}
    return {"TLS": "1", **shown, **trusted}


def digest(files: Iterable[Path]) -> str:
    """Return what changes when one of these files does, for what has mounted it has to be started anew."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _unnamed(settings: Mapping[str, str]) -> list[str]:
    """Return the settings of authorities that nobody has named, of servers that are here."""
    names = [name for name in settings if name.endswith(_AUTHORITY)]
    return [name for name in names if not settings[name] and not settings.get(f"{name.removesuffix(_AUTHORITY)}_URL")]
