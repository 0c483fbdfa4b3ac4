"""Servers that take nobody without a certificate: they are used with one, which may be an account too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from common.config import Settings
from common.mongo import connect

from .certificates import issue
from .conftest import Tls
from .production import Production
from .recorder import Recorder
from .servers import KINDS
from .test_refusals import refusals

ON_EACH = pytest.mark.parametrize("kind", KINDS)
BY_CERTIFICATE = "tls=true&authMechanism=MONGODB-X509"

pytestmark = pytest.mark.integration


def without_password(tls: Tls, topology: str) -> dict[str, str]:
    """Return an address in which the certificate alone says who we are."""
    server = tls.server("mongo", demands=True)
    environ = tls.environ(server, shown="client")
    return {**environ, "MONGO_URL": f"mongodb://localhost:{server.port}/?{BY_CERTIFICATE}&{topology}"}


@ON_EACH
def test_a_server_that_demands_a_certificate_is_used_with_one(tls: Tls, kind: str) -> None:
    settings = tls.settings(tls.server(kind, demands=True), shown="client")
    for way in KINDS[kind].ways:
        way(settings)
    KINDS[kind].check_used(settings)


@ON_EACH
@pytest.mark.parametrize("shown", ["", "unknown"])
def test_without_one_or_with_one_of_a_stranger_it_refuses(tls: Tls, kind: str, shown: str) -> None:
    server = tls.server(kind, demands=True)
    # A port of its own: connections that earlier tests have made are for other addresses.
    with Recorder(server.port) as recorder:
        for said in refusals(tls.settings(server, port=recorder.port, shown=shown), kind):
            assert server.password not in said


def test_mongodb_takes_a_certificate_for_the_account(tls: Tls) -> None:
    environ = {**without_password(tls, "directConnection=true"), "MONGO_DATABASE": "test_tls_x509"}
    with connect(Settings.load(environ, env_files=())) as client:
        client["test_tls_x509"].things.insert_one({"_id": 1})
        [user] = client.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]
        assert user["db"] == "$external"


def test_a_certificate_that_is_no_account_is_refused(tls: Tls, tmp_path: Path) -> None:
    other = {"MONGO_TLS_CERT_FILE": str(issue(tls.authority, tmp_path, "other", organization_name="other").certificate)}
    environ = {**without_password(tls, "directConnection=true"), **other, "MONGO_TIMEOUT": "2"}
    with (
        connect(Settings.load(environ, env_files=())) as client,
        pytest.raises(Exception, match="Could not find user"),
    ):
        client.admin.command("ping")


def test_production_works_without_a_password(tls: Tls, serve: Callable[..., Production]) -> None:
    stack = serve(**without_password(tls, "replicaSet=rs0"), MONGO_PASSWORD="")
    assert stack.http.get("/readyz").json()["status"] == "ready"
    note = stack.http.post("/api/v1/notes", json={"title": "Shopping", "text": "Bread"}).raise_for_status().json()
    assert stack.http.get(f"/api/v1/notes/{note['id']}").json() == note
    assert "are as declared" in stack.admin("indexes", "--check")
