"""TLS=1 encrypts the connections that no complete address leads to, and trusts the authority of this folder."""

from pathlib import Path

import pytest
import trustme

from common.config import ConfigError, Settings
from common.mongo_url import is_encrypted
from common.own_authority import PATH
from testing.strong import strong

from .refusals import refused

ELSEWHERE = f"mongodb://u:{strong('mongo')}@db.example.org/?tls=true"


def written(folder: Path) -> Path:
    path = folder / PATH
    path.parent.mkdir(parents=True)
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def load(folder: Path, **environ: str) -> Settings:
    return Settings.load(environ, env_files=[folder / ".env"])


@pytest.mark.parametrize(("value", "option"), [("", ""), ("0", ""), ("1", "&tls=true")])
def test_the_address_of_mongodb_is_encrypted_when_it_is_asked_for(value: str, option: str, tmp_path: Path) -> None:
    address = load(tmp_path, TLS=value).mongo_address
    assert address.endswith(f"&authSource=admin{option}")
    assert is_encrypted(address) is bool(option)


@pytest.mark.parametrize("value", ["yes", "2", "true", " 1"])
def test_another_value_is_refused_in_one_line(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, TLS=value)
    assert [line.partition(":")[0] for line in caught.value.problems] == ["TLS"]


def test_a_complete_address_says_it_by_itself(tmp_path: Path) -> None:
    written(tmp_path)
    settings = load(tmp_path, TLS="1", MONGO_URL="mongodb://localhost/")
    assert (settings.mongo_address, settings.mongo_tls_ca_file) == ("mongodb://localhost/", "")


def test_the_authority_of_this_folder_is_trusted_for_a_server_of_this_machine(tmp_path: Path) -> None:
    own = written(tmp_path)
    assert load(tmp_path, TLS="1").mongo_tls_ca_file == str(own)
    assert load(tmp_path, TLS="1", MONGO_HOST="localhost").mongo_tls_ca_file == str(own)
    assert load(tmp_path, TLS="1", MONGO_HOST="db.example.org").mongo_tls_ca_file == ""
    assert load(tmp_path).mongo_tls_ca_file == ""


def test_an_authority_that_is_named_wins(tmp_path: Path) -> None:
    written(tmp_path)
    other = str(written(tmp_path / "other"))
    assert load(tmp_path, TLS="1", MONGO_TLS_CA_FILE=other).mongo_tls_ca_file == other


def test_without_one_the_systems_count(tmp_path: Path) -> None:
    assert load(tmp_path, TLS="1").mongo_tls_ca_file == ""


def test_an_authority_may_be_named_where_encryption_is_asked_for(tmp_path: Path) -> None:
    own = str(written(tmp_path))
    assert Settings.load({"TLS": "1", "MONGO_TLS_CA_FILE": own}, env_files=()).mongo_tls_ca_file == own
    (line,) = refused(ENVIRONMENT="development", MONGO_TLS_CA_FILE=own)
    assert "TLS=1" in line
    plain = {"MONGO_URL": f"mongodb://u:{strong('mongo')}@localhost/", "MONGO_PASSWORD": ""}
    (line,) = refused(TLS="1", MONGO_TLS_CA_FILE=own, **plain)
    assert line.startswith("MONGO_TLS_CA_FILE: ")


def test_production_takes_a_host_elsewhere_that_is_encrypted() -> None:
    assert refused(TLS="1", MONGO_HOST="db.example.org") == []
    for value in ("", "0"):
        (line,) = refused(TLS=value, MONGO_HOST="db.example.org")
        assert line.startswith("MONGO_HOST: ")


def test_production_still_refuses_a_complete_address_in_plain_text() -> None:
    url = ELSEWHERE.replace("tls=true", "tls=false")
    (line,) = refused(TLS="1", MONGO_URL=url, MONGO_PASSWORD="")
    assert line.startswith("MONGO_URL: ")
