"""A client's certificate as a file in PEM, its key in it."""

from pathlib import Path

import trustme


def issued(folder: Path, name: str = "client.pem") -> Path:
    """Write a certificate of an authority of its own, which only its owner may read."""
    path = folder / name
    trustme.CA().issue_cert("client.example.org").private_key_and_cert_chain_pem.write_to_path(str(path))
    path.chmod(0o600)
    return path
