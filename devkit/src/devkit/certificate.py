"""A certificate for where nobody has given one: an authority of this clone's own, and what it signs.

What stands in one, and how long it is good, follows from what browsers accept: at most 398 days, names as alternative
names only, and the use of a server.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devkit.private_files import write_private

# Of the authority, which people give to their browsers once, and of what it signs.
_AUTHORITY_DAYS, _DAYS = 3650, 397
# With fewer days left it is made anew.
_RENEWED = timedelta(days=30)
# Clocks of others may be late.
_EARLIER = timedelta(hours=1)


def provide(folder: Path, names: Sequence[str], name: str = "certificate", *, renew: bool = False) -> Path:
    """Return a file in PEM with a certificate for these names, its authority's, and its key; make what is missing.

    The authority, to be trusted by clients, is in `authority.pem` beside it; it signs for each `name` in the folder.
    All are kept until they run out or the names change; with `renew` the certificate is made anew in any case.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.pem"
    authority, signs = _authority(folder)
    if renew or not _is_good(path, authority, names):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(names, key.public_key(), authority, signs)
        parts = [_text(certificate), _text(authority), _private_text(key)]
        write_private(path, "".join(parts))
    return path


def alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    """Return hosts as a certificate names them; a leading dot stands for a domain and what is directly below it."""
    found: list[x509.GeneralName] = []
    for name in names:
        if name.startswith("."):
            found += [x509.DNSName(name[1:]), x509.DNSName(f"*{name}")]
            continue
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name.strip("[]"))))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path, key_path = folder / "authority.pem", folder / "authority-key.pem"
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = load_pem_private_key(key_path.read_bytes(), password=None)
    except (OSError, ValueError):
        return _new_authority(path, key_path)
    if (
        isinstance(key, ec.EllipticCurvePrivateKey)
        and key.public_key() == certificate.public_key()
        and _lasts(certificate)
    ):
        return certificate, key
    return _new_authority(path, key_path)


def _new_authority(path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a development machine")])
    usage = _usage(signs_certificates=True)
    certificate = (
        _builder(name, name, key.public_key(), _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    # The key first: without it, the certificate would be taken for whole.
    write_private(key_path, _private_text(key))
    write_private(path, _text(certificate))
    # It is no secret, and who trusts it may be another user.
    path.chmod(0o644)
    return certificate, key


def _signed(
    names: Sequence[str],
    key: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    signs: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    issuer = x509.SubjectKeyIdentifier.from_public_key(signs.public_key())
    return (
        _builder(x509.Name([]), authority.subject, key, _DAYS)
        # Critical where there is no other name (RFC 5280, 4.2.1.6).
        .add_extension(x509.SubjectAlternativeName(alternatives(names)), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(signs, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _is_good(path: Path, authority: x509.Certificate, names: Sequence[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(authority)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return list(named) == alternatives(names) and _lasts(certificate)


def _lasts(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc - datetime.now(UTC) > _RENEWED


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _private_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
