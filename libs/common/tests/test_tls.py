"""What is told to the drivers, and which settings are refused. devkit/tests/tls asks real servers."""

from pathlib import Path

import pytest
import trustme

from common import tls
from common.config import ConfigError, Settings
from testing.strong import of_extensions, strong

SAFE = {
    "ENVIRONMENT": "production",
    "PROJECT": "product",
    "SECRET_KEY": strong("key"),
    "MONGO_URL": f"mongodb://u:{strong('mongo')}@db.example.org/?tls=true",
    **of_extensions(),
    "API_TRUSTED_HOSTS": "reports.example.org",
}


def load(**environ: str) -> Settings:
    return Settings.load(environ, env_files=())


def problems(**environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(**environ)
    return caught.value.problems


@pytest.fixture
def authority(tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return str(path)


def test_production_starts_with_verified_connections(authority: str) -> None:
    assert load(**SAFE, MONGO_TLS_CA_FILE=authority).environment == "production"


@pytest.mark.parametrize(
    "options",
    [
        "tlsInsecure=true",
        "tlsAllowInvalidCertificates=true",
        "tlsallowinvalidhostnames=true",
        "tlsAllowInvalidHostnames=%74rue",
        "tlsDisableOCSPEndpointCheck=true",
    ],
)
def test_production_refuses_a_mongodb_that_need_not_prove_who_it_is(options: str) -> None:
    (line,) = problems(**{**SAFE, "MONGO_URL": f"{SAFE['MONGO_URL']}&{options}"})
    assert line.startswith("MONGO_URL: tls")
    assert "MONGO_TLS_CA_FILE" in line


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_file_without_an_authority_is_refused_by_name(environment: str, tmp_path: Path) -> None:
    missing, empty, other = tmp_path / "missing.pem", tmp_path / "empty.pem", tmp_path / "other.pem"
    empty.write_text("")
    other.write_bytes(b"\x30\x82\x00\xff binary")
    for path in (missing, empty, other, tmp_path):
        (line,) = problems(**{**SAFE, "ENVIRONMENT": environment, "MONGO_TLS_CA_FILE": str(path)})
        assert line.startswith(f"MONGO_TLS_CA_FILE: {path} ")


def test_an_authority_without_an_encrypted_connection_is_refused(authority: str) -> None:
    assert [line.split(":")[0] for line in problems(MONGO_TLS_CA_FILE=authority)] == ["MONGO_TLS_CA_FILE"]
    assert problems(MONGO_URL="mongodb+srv://h/?tls=false", MONGO_TLS_CA_FILE=authority)
    assert load(MONGO_URL="mongodb+srv://h/", MONGO_TLS_CA_FILE=authority)
    assert load(MONGO_URL="mongodb://h/?ssl=true", MONGO_TLS_CA_FILE=authority)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, []),
        ({"MONGO_HOST": "mongo"}, []),
        ({"MONGO_URL": "mongodb://u:p@127.0.0.1:1,localhost,[::1]:2/?appName=@y"}, []),
        ({"MONGO_URL": "mongodb://u:p@localhost,db.example.org/"}, ["MONGO_URL"]),
        ({"MONGO_URL": "mongodb://127.evil.example:1/"}, ["MONGO_URL"]),
        ({"MONGO_URL": "mongodb+srv://db/"}, []),
        ({"MONGO_URL": "mongodb+srv://localhost/?tls=false"}, ["MONGO_URL"]),
        ({"MONGO_URL": "mongodb://u:p@mongo/"}, ["MONGO_URL"]),
        ({"MONGO_URL": "mongodb://u:p@%2Frun%2Fmongodb.sock/"}, []),
    ],
)
def test_passwords_in_plain_text_on_a_network_are_told(environ: dict[str, str], named: list[str]) -> None:
    assert [line.split(":")[0] for line in tls.plain_text(load(**environ))] == named


def test_the_warning_names_the_setting_and_no_address(caplog: pytest.LogCaptureFixture) -> None:
    tls.warn(load(MONGO_URL="mongodb://u:hush@db.example.org/"))
    (line,) = caplog.messages
    assert line.startswith("MONGO_URL: the connection is not encrypted")
    assert "hush" not in line
