"""The certificates that are made where nobody has given one."""

import ipaddress
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from devkit import certificate

NAMES = ["localhost", "127.0.0.1", ".example.com"]


def verified(path: Path, name: str) -> list[x509.Certificate]:
    """Return the chain by which a client that trusts the authority beside a certificate believes it to be of a name."""
    leaf, *others = x509.load_pem_x509_certificates(path.read_bytes())
    trusted = x509.load_pem_x509_certificates(path.with_name("authority.pem").read_bytes())
    subject: x509.DNSName | x509.IPAddress = x509.DNSName(name)
    if name[0].isdigit():
        subject = x509.IPAddress(ipaddress.ip_address(name))
    verifier = PolicyBuilder().store(Store(trusted)).build_server_verifier(subject)
    return list(verifier.verify(leaf, others))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "example.com", "api.example.com"])
def test_a_client_that_trusts_the_authority_believes_each_name(tmp_path: Path, name: str) -> None:
    assert len(verified(certificate.provide(tmp_path / "made", NAMES), name)) == 2


@pytest.mark.parametrize("name", ["example.org", "a.b.example.com", "127.0.0.2"])
def test_it_believes_no_other_name(tmp_path: Path, name: str) -> None:
    path = certificate.provide(tmp_path / "made", NAMES)
    with pytest.raises(VerificationError):
        verified(path, name)


def test_a_server_loads_it_and_only_its_owner_reads_the_keys(tmp_path: Path) -> None:
    path = certificate.provide(tmp_path / "made", NAMES)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "authority-key.pem": 0o600,
        # No secret, and who trusts it may be another user.
        "authority.pem": 0o644,
        "certificate.pem": 0o600,
    }


def test_it_is_kept_while_it_is_good(tmp_path: Path) -> None:
    first = certificate.provide(tmp_path / "made", NAMES).read_text()
    assert certificate.provide(tmp_path / "made", NAMES).read_text() == first


def test_other_names_need_another_one_of_the_same_authority(tmp_path: Path) -> None:
    path = certificate.provide(tmp_path / "made", NAMES)
    authority = path.with_name("authority.pem").read_text()
    certificate.provide(tmp_path / "made", ["api.example.org"])
    assert verified(path, "api.example.org")
    assert path.with_name("authority.pem").read_text() == authority


def test_one_authority_signs_for_several_servers(tmp_path: Path) -> None:
    one, other = (certificate.provide(tmp_path / "made", [name], name) for name in ("one", "other"))
    assert (one.name, other.name) == ("one.pem", "other.pem")
    assert verified(one, "one")
    assert verified(other, "other")
    with pytest.raises(VerificationError):
        verified(one, "other")


def test_it_is_made_anew_before_it_runs_out(tmp_path: Path) -> None:
    path = certificate.provide(tmp_path / "made", NAMES)
    before = path.read_text()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=380), tick=False):
        certificate.provide(tmp_path / "made", NAMES)
    assert path.read_text() != before


@pytest.mark.parametrize("name", ["authority.pem", "authority-key.pem", "certificate.pem"])
@pytest.mark.parametrize("text", [None, "", "-----BEGIN CERTIFICATE-----\n"], ids=["missing", "empty", "cut"])
def test_a_file_that_is_lost_or_broken_is_made_anew(tmp_path: Path, name: str, text: str | None) -> None:
    path = certificate.provide(tmp_path / "made", NAMES)
    if text is None:
        path.with_name(name).unlink()
    else:
        path.with_name(name).write_text(text)
    certificate.provide(tmp_path / "made", NAMES)
    assert verified(path, "localhost")
    load_pem_private_key(path.with_name("authority-key.pem").read_bytes(), password=None)


def test_a_key_of_another_authority_signs_nothing(tmp_path: Path) -> None:
    path, other = (certificate.provide(tmp_path / name, NAMES) for name in ("made", "other"))
    shutil.copy(other.with_name("authority-key.pem"), path.with_name("authority-key.pem"))
    certificate.provide(tmp_path / "made", NAMES)
    assert verified(path, "localhost")
