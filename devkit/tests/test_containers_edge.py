"""What the container of the proxy is given."""

from pathlib import Path

import pytest

from devkit import certificate
from devkit.edge import beside
from devkit.terminal import CommandError

NAMES = ["localhost"]


def test_the_container_gets_the_certificate_that_is_given(tmp_path: Path) -> None:
    path = certificate.provide(tmp_path / "edge", NAMES)
    assert beside.variables({"EDGE_CERTIFICATE_FILE": str(path)}) == {"EDGE_CERTIFICATE": path.read_text()}


@pytest.mark.parametrize("text", [None, "", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n", "\xff"])
def test_a_file_that_is_no_certificate_with_its_key_is_refused_by_its_name(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "given.pem"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    with pytest.raises(CommandError, match=rf"EDGE_CERTIFICATE_FILE: {path}"):
        beside.variables({"EDGE_CERTIFICATE_FILE": str(path)})


@pytest.mark.parametrize(
    ("hosts", "port", "address"),
    [
        ("api.example.com,localhost", "443", "https://api.example.com"),
        (".example.com", "8443", "https://example.com:8443"),
    ],
)
def test_people_are_told_where_clients_reach_it(hosts: str, port: str, address: str) -> None:
    settings = {"API_TRUSTED_HOSTS": hosts, "EDGE_PORT": port, "EDGE_CERTIFICATE_FILE": "given.pem"}
    assert beside.told(settings) == [f"clients reach it at {address}"]
