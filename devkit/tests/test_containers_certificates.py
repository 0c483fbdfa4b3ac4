"""What the servers in containers show, and whom the services trust for them."""

from pathlib import Path

import pytest
from cryptography import x509

from devkit import certificate
from devkit.containers import certificates
from devkit.terminal import CommandError

NONE_NAMED = {"TLS": "", "MONGO_URL": "", "MONGO_TLS_CA_FILE": "", "EXTRA_CA_FILE": ""}


@pytest.mark.parametrize("chosen", ["", "1"])
def test_each_server_has_a_certificate_of_its_own_for_its_name_and_this_machine(tmp_path: Path, chosen: str) -> None:
    made = certificates.variables({**NONE_NAMED, "TLS": chosen}, ["mongo", "store"], tmp_path)
    assert made["TLS"] == "1"
    for server in ("mongo", "store"):
        shown = x509.load_pem_x509_certificates(made[f"{server.upper()}_CERTIFICATE"].encode())[0]
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert list(names) == certificate.alternatives([server, "localhost", "127.0.0.1", "::1"])
    assert made["MONGO_CERTIFICATE"].split("PRIVATE KEY")[1] != made["STORE_CERTIFICATE"].split("PRIVATE KEY")[1]
    assert made["MONGO_TLS_CA_FILE"] == str(tmp_path / "tls" / "authority.pem")
    assert "EXTRA_CA_FILE" not in made


def test_they_are_the_same_each_time(tmp_path: Path) -> None:
    first = certificates.variables(NONE_NAMED, ["mongo"], tmp_path)
    assert certificates.variables(NONE_NAMED, ["mongo"], tmp_path) == first


@pytest.mark.parametrize("given", [{"MONGO_TLS_CA_FILE": "own.pem"}, {"MONGO_URL": "mongodb://elsewhere/?tls=true"}])
def test_who_names_an_authority_or_a_server_elsewhere_is_left_alone(tmp_path: Path, given: dict[str, str]) -> None:
    assert "MONGO_TLS_CA_FILE" not in certificates.variables({**NONE_NAMED, **given}, ["mongo"], tmp_path)


def test_plain_text_needs_no_certificate(tmp_path: Path) -> None:
    assert certificates.variables({**NONE_NAMED, "TLS": "0"}, ["mongo"], tmp_path) == {"TLS": "0"}
    assert not (tmp_path / "tls").exists()


def test_another_word_for_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="TLS=yes is neither 1"):
        certificates.variables({**NONE_NAMED, "TLS": "yes"}, ["mongo"], tmp_path)


def test_what_reads_an_authority_is_told_of_another_one(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_text("one")
    before = certificates.digest([file])
    file.write_text("other")
    assert certificates.digest([file]) not in (before, certificates.digest([]))
