"""The certificate that is shown to MongoDB: what the driver is told, and which files are refused."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from common import tls
from common.config import Settings
from testing.strong import strong

from .certificates import issued
from .refusals import refused

URL = f"mongodb://u:{strong('mongo')}@db.example.org/?tls=true"
NAME = "MONGO_TLS_CERT_FILE"


def said(path: Path, *, environment: str = "development") -> list[str]:
    given = {"MONGO_URL": URL, "MONGO_PASSWORD": "", NAME: str(path)}
    return refused(ENVIRONMENT=environment, **given)


def test_the_driver_is_told_of_it(tmp_path: Path) -> None:
    path = str(issued(tmp_path))
    settings = Settings.load({"TLS": "1", NAME: path}, env_files=())
    assert tls.mongo(settings) == {"tlsCertificateKeyFile": path}
    assert tls.mongo(Settings.load({}, env_files=())) == {}


def test_production_takes_one_that_others_cannot_read(tmp_path: Path) -> None:
    path = issued(tmp_path)
    for mode in (0o400, 0o600, 0o640):
        path.chmod(mode)
        assert said(path, environment="production") == []


@pytest.mark.parametrize("mode", [0o644, 0o602])
def test_production_refuses_one_that_everybody_may_read_or_write(mode: int, tmp_path: Path) -> None:
    path = issued(tmp_path)
    path.chmod(mode)
    (line,) = said(path, environment="production")
    assert line.startswith(f"{NAME}: {path} may be read or written by everybody")
    assert said(path) == []


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_file_that_is_no_certificate_with_its_key_is_one_line(environment: str, tmp_path: Path) -> None:
    whole = issued(tmp_path).read_text()
    begin = whole.index("-----BEGIN CERTIFICATE")
    key, chain = whole[:begin], whole[begin:]
    for content in ("", key, chain, "no PEM", f"{locked()}{chain}"):
        path = tmp_path / "other.pem"
        path.write_text(content)
        path.chmod(0o600)
        (line,) = said(path, environment=environment)
        assert line.startswith(f"{NAME}: {path} holds no certificate with its key in PEM")


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    first, second = issued(tmp_path).read_text(), issued(tmp_path, "second.pem").read_text()
    path = tmp_path / "mixed.pem"
    path.write_text(first[: first.index("-----BEGIN CERTIFICATE")] + second[second.index("-----BEGIN CERTIFICATE") :])
    (line,) = said(path)
    assert line == f"{NAME}: {path} holds a key that is not its certificate's"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path / "pipe", tmp_path):
        for environment in ("development", "production"):
            (line, *_) = said(path, environment=environment)
            assert line.startswith(f"{NAME}: {path} ")


def test_one_without_an_encrypted_connection_is_refused(tmp_path: Path) -> None:
    path = str(issued(tmp_path))
    (line,) = refused(ENVIRONMENT="development", **{NAME: path})
    assert line.startswith(f"{NAME}: is for an encrypted connection")
    assert refused(ENVIRONMENT="development", TLS="1", **{NAME: path}) == []


def locked() -> str:
    """Return a key that has a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hush")).decode()
