"""What is told to the brokers' drivers, and which settings are refused. devkit/tests/tls asks real servers."""

from pathlib import Path

import pytest
import trustme

from common import brokers
from common.broker import BrokerKind
from common.config import ConfigError, Settings
from common.queue import tls
from testing.strong import strong

KINDS = brokers.kinds()
SAFE = {
    "ENVIRONMENT": "production",
    "PROJECT": "product",
    "SECRET_KEY": strong("key"),
    "MONGO_URL": f"mongodb://u:{strong('mongo')}@db.example.org/?tls=true",
    "BROKER_URL": f"{KINDS[0].encrypted}://u:{strong('broker')}@mq.example.org/0",
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
    assert load(**SAFE, BROKER_TLS_CA_FILE=authority).environment == "production"


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_file_without_an_authority_is_refused_by_name(environment: str, tmp_path: Path) -> None:
    missing, empty, other = tmp_path / "missing.pem", tmp_path / "empty.pem", tmp_path / "other.pem"
    empty.write_text("")
    other.write_bytes(b"\x30\x82\x00\xff binary")
    for path in (missing, empty, other, tmp_path):
        (line,) = problems(**{**SAFE, "ENVIRONMENT": environment, "BROKER_TLS_CA_FILE": str(path)})
        assert line.startswith(f"BROKER_TLS_CA_FILE: {path} ")


def test_an_authority_without_an_encrypted_connection_is_refused(authority: str) -> None:
    assert [line.split(":")[0] for line in problems(BROKER_TLS_CA_FILE=authority)] == ["BROKER_TLS_CA_FILE"]
    both = problems(MONGO_TLS_CA_FILE=authority, BROKER_TLS_CA_FILE=authority)
    assert [line.split(":")[0] for line in both] == ["MONGO_TLS_CA_FILE", "BROKER_TLS_CA_FILE"]
    for kind in KINDS:
        (line,) = problems(BROKER_URL=f"{kind.plain}://h/0", BROKER_TLS_CA_FILE=authority)
        assert f"{kind.encrypted}://" in line


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, []),
        ({kind.host_key: "mq" for kind in KINDS}, []),
        *(({"BROKER_URL": f"{kind.plain}://localhost/0"}, []) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.plain}://[::1]/0;{kind.plain}:///0"}, []) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.plain}://:p@mq/0"}, ["BROKER_URL"]) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.plain}://localhost/0;{kind.plain}://mq/0"}, ["BROKER_URL"]) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.plain}://mq?x=@localhost/0"}, ["BROKER_URL"]) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.plain.upper()}://u:p@mq/v"}, ["BROKER_URL"]) for kind in KINDS),
        *(({"BROKER_URL": f"{kind.encrypted}://mq/v"}, []) for kind in KINDS),
    ],
)
def test_passwords_in_plain_text_on_a_network_are_told(environ: dict[str, str], named: list[str]) -> None:
    assert [line.split(":")[0] for line in tls.plain_text(load(**environ))] == named


@pytest.mark.parametrize("kind", KINDS, ids=brokers.names())
def test_plain_text_stays_plain_text(kind: BrokerKind) -> None:
    url = f"{kind.plain}://h/v"
    assert tls.broker(load(BROKER_URL=url)) == tls.Broker(url, options=False)


@pytest.mark.parametrize("value", ["none", "CERT_NONE", "optional", "CERT_OPTIONAL", "", "nonsense"])
def test_production_refuses_a_broker_that_need_not_prove_who_it_is(value: str) -> None:
    (line,) = problems(**{**SAFE, "BROKER_URL": f"{SAFE['BROKER_URL']}?ssl_cert_reqs={value}"})
    assert line.startswith("BROKER_URL: ssl_cert_reqs ")
    assert "BROKER_TLS_CA_FILE" in line


@pytest.mark.parametrize(
    "options",
    [
        "ssl_check_hostname=false",
        "ssl_check_hostname=False",
        "ssl_check%5Fhostname=false",
        "a=b&ssl_exclude_verify_flags=x",
        "ssl_min_version=1",
        "ssl_ciphers=NULL",
        "ssl=true",
    ],
)
def test_production_refuses_what_weakens_the_connection_to_the_broker(options: str) -> None:
    for kind in KINDS:
        url = f"{kind.encrypted}://u:{strong('broker')}@mq.example.org/v"
        (line,) = problems(**{**SAFE, "BROKER_URL": f"{url}?{options}"})
        assert line.startswith("BROKER_URL: ssl")


@pytest.mark.parametrize("url", ["memory://", "sqs://u:0123456789abcdef0123@", "sentinel://:0123456789abcdef0123@h/0"])
def test_production_refuses_brokers_that_nothing_here_knows(url: str) -> None:
    assert any(
        line.startswith(f"BROKER_URL: begins with none of {KINDS[0].encrypted}://")
        for line in problems(**{**SAFE, "BROKER_URL": url})
    )


@pytest.mark.parametrize("kind", KINDS, ids=brokers.names())
def test_tls_options_of_a_plain_address_are_a_mistake(kind: BrokerKind) -> None:
    for scheme in (kind.plain, *kind.local):
        (line,) = problems(BROKER_URL=f"{scheme}://h/0?ssl_cert_reqs=required")
        assert f"begins with {scheme}://, which is not encrypted" in line


@pytest.mark.parametrize("kind", KINDS, ids=brokers.names())
def test_several_hosts_cannot_all_bear_the_one_name_that_is_verified(kind: BrokerKind) -> None:
    (line,) = problems(BROKER_URL=f"{kind.encrypted}://a/v;{kind.encrypted}://b/v")
    assert line.startswith("BROKER_URL: names several hosts")
    assert load(BROKER_URL=f"{kind.plain}://a/v;{kind.plain}://b/v")


def test_the_warning_names_the_setting_and_no_address(caplog: pytest.LogCaptureFixture) -> None:
    tls.warn(load(BROKER_URL=f"{KINDS[0].plain}://:hush@mq.example.org/0"))
    (line,) = caplog.messages
    assert line.startswith("BROKER_URL: the connection is not encrypted")
    assert "hush" not in line
