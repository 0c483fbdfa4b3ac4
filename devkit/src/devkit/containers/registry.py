"""What a registry says of a tag, by the API that all registries have: the OCI's distribution specification."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx2

from devkit.containers.images import has_registry
from devkit.mention import AskError

# Docker's own, which a name without a registry means; its images without an owner lie in a folder of their own.
_DEFAULT = "registry-1.docker.io"
# Seconds that it gets to answer.
_PATIENCE = 10.0
# An index, which is for all architectures, before the manifest of one.
_KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


def digest(image: str) -> str:
    """Return what the tag of an image stands for now, as `sha256:...`. Raises AskError."""
    host, repository, tag = parts(image)
    # As Docker does: this machine's own may be without encryption.
    scheme = "http" if re.fullmatch(r"(localhost|127\.[\d.]+)(:\d+)?", host) else "https"
    return manifest_digest(f"{scheme}://{host}/v2/{repository}/manifests/{tag}")


def parts(image: str) -> tuple[str, str, str]:
    """Return the registry, the repository and the tag that an image's name stands for."""
    name, tag = image, "latest"
    if ":" in image.rpartition("/")[2]:
        name, _, tag = image.rpartition(":")
    host, repository = _DEFAULT, name
    if has_registry(name):
        host, _, repository = name.partition("/")
    if host in (_DEFAULT, "docker.io"):
        host, repository = _DEFAULT, repository if "/" in repository else f"library/{repository}"
    return host, repository, tag


def manifest_digest(address: str) -> str:
    """Return the digest of the manifest at an address; a registry that wants it gets a token for everybody."""
    try:
        with httpx2.Client(timeout=_PATIENCE, follow_redirects=True) as client:
            headers = {"Accept": ", ".join(_KINDS)}
            answer = client.head(address, headers=headers)
            if answer.status_code == httpx2.codes.UNAUTHORIZED:
                headers["Authorization"] = f"Bearer {_token(client, answer.headers)}"
                answer = client.head(address, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise AskError(f"{httpx2.URL(address).host} could not be asked: {error}") from None
    if not answer.is_success:
        raise AskError(f"{httpx2.URL(address).host} answered {answer.status_code}")
    found = answer.headers.get("Docker-Content-Digest", "")
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", found):
        raise AskError(f"{httpx2.URL(address).host} named no digest")
    return found


def _token(client: httpx2.Client, headers: Mapping[str, str]) -> str:
    """Return the token that everybody gets, from where the registry says that it is to be had."""
    scheme, _, rest = headers.get("WWW-Authenticate", "").partition(" ")
    challenge = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    if scheme.lower() != "bearer" or "realm" not in challenge:
        raise AskError("the registry wants an account: pin this one by hand")
    wanted = {name: challenge[name] for name in ("service", "scope") if name in challenge}
    answer = client.get(challenge["realm"], params=wanted)
    known = answer.json() if answer.is_success and "json" in answer.headers.get("Content-Type", "") else {}
    if not (token := known.get("token") or known.get("access_token")):
        raise AskError(f"{httpx2.URL(challenge['realm']).host} gave no token")
    return str(token)
