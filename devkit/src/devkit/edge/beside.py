"""What the edge's container needs of the commands: its certificate, its ports, and what is told of it."""

from collections.abc import Mapping
from pathlib import Path

from devkit import ROOT, certificate, env
from devkit.extensions import extensions
from devkit.terminal import CommandError

# What `invoke config` must not show.
SECRETS = ("EDGE_CERTIFICATE",)
FOLDER = ROOT / ".data" / "edge"


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what its file names besides settings: the certificate, given or made. Raises CommandError if unfit."""
    given = settings.get("EDGE_CERTIFICATE_FILE", "")
    path = ROOT / Path(given).expanduser() if given else certificate.provide(FOLDER, _all_names(settings))
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise CommandError(f"EDGE_CERTIFICATE_FILE: {path} cannot be read: {error}") from error
    if "PRIVATE KEY-----" not in text or "BEGIN CERTIFICATE-----" not in text:
        raise CommandError(
            f"EDGE_CERTIFICATE_FILE: {path} must hold a certificate, those between it and its authority, and its key, "
            "one behind the other, in PEM."
        )
    return {"EDGE_CERTIFICATE": text}


def ports(settings: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Return its name and the ports of this machine that lead to it, by their settings."""
    return {name: ("edge", env.port(settings, name)) for name in ("EDGE_PORT", "EDGE_HTTP_PORT")}


def told(settings: Mapping[str, str]) -> list[str]:
    """Return what people are told when it runs: where clients reach the product."""
    port = env.port(settings, "EDGE_PORT")
    where = f"clients reach it at https://{names(settings)[0].lstrip('.')}" + ("" if port == 443 else f":{port}")
    if settings.get("EDGE_CERTIFICATE_FILE"):
        return [where]
    return [f"{where} (its authority: {(FOLDER / 'authority.pem').relative_to(ROOT)})"]


def names(settings: Mapping[str, str]) -> list[str]:
    """Return the hosts by which clients reach the API."""
    return [name for part in env.required(settings, "API_TRUSTED_HOSTS").split(",") if (name := part.strip())]


def _all_names(settings: Mapping[str, str]) -> list[str]:
    return [name for part in extensions("beside") for name in part.names(settings)]
