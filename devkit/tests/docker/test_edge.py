"""The proxy in front of the API, in a container of its own."""

import json
import shutil
import ssl
from pathlib import Path

import httpx2
import pytest

from devkit import certificate

from .conftest import Deployment, until

pytestmark = pytest.mark.deploy


def address(deployment: Deployment) -> str:
    return f"https://localhost:{deployment.settings['EDGE_PORT']}"


def ask(deployment: Deployment, authority: Path, path: str = "/api/v1/notes") -> httpx2.Response:
    trust = ssl.create_default_context(cafile=str(authority))
    with httpx2.Client(verify=trust, headers=deployment.http.headers, trust_env=False) as client:
        return client.get(f"{address(deployment)}{path}")


@pytest.fixture
def authority(deployment: Deployment) -> Path:
    """The authority of the certificate that was made, to be trusted by clients."""
    return deployment.root / ".data" / "edge" / "authority.pem"


def test_a_client_reaches_the_api_encrypted_by_the_certificate_that_was_made(
    deployment: Deployment, authority: Path
) -> None:
    assert ask(deployment, authority).status_code == 200
    assert ask(deployment, authority, "/metrics").status_code == 404


def test_the_key_is_in_no_file_that_others_read_and_not_shown(deployment: Deployment, authority: Path) -> None:
    key = authority.with_name("certificate.pem").read_text().split("PRIVATE KEY-----")[1]
    assert key.strip()[:40] not in deployment.invoke("config")


def test_the_log_tells_who_the_client_is(deployment: Deployment, authority: Path) -> None:
    request_id = ask(deployment, authority).headers["X-Request-ID"]

    def entry() -> str | None:
        return next((line for line in deployment.invoke("logs", "edge").splitlines() if request_id in line), None)

    logged = json.loads(until(entry))
    assert logged["path"] == "/api/v1/notes"
    assert logged["client"]


def test_another_certificate_takes_its_place(deployment: Deployment, authority: Path, tmp_path: Path) -> None:
    other = certificate.provide(tmp_path / "other", ["localhost"])
    given = deployment.root / "given.pem"
    shutil.copy(other, given)
    try:
        deployment.invoke("up", EDGE_CERTIFICATE_FILE=given.name)
        assert ask(deployment, other.with_name("authority.pem")).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            ask(deployment, authority)
    finally:
        given.unlink()
        deployment.invoke("up")
    assert ask(deployment, authority).status_code == 200
