"""What production refuses, one setting at a time."""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from common.config import ConfigError, Settings
from common.hosts import is_every_network, is_everybodys, is_loopback
from common.weakness import weakness
from testing.strong import strong

from .certificates import issued
from .refusals import SAFE, refused

URL = f"mongodb://acme:{strong('mongo')}@db.example.org/?tls=true"
GUESSED = [
    " " * 20,
    "password",
    "P@ssw0rd",
    "changeme-changeme",
    "Change_Me_Please_2026",
    "mongo-admin-password-1",
    "s3cr3t-k3y-pr0duct10n",
    "acme-production-2026",
    "a" * 40,
    "abcabcabcabcabcabcabc",
    "1234567890123456789012",
    "abcdefghijklmnopqrst",
    "zyxwvutsrqponmlkji",
    "0123456789:;<=>?@",
    "ababcabdabcaabdbca",
    "qwertyuiopasdfghjklzxcvbnm",
    "fifteen-chars-x",
]


@pytest.mark.parametrize("secret", GUESSED)
def test_a_secret_that_can_be_guessed_is_refused_wherever_it_stands(secret: str) -> None:
    for environ in (
        {"SECRET_KEY": secret},
        {"MONGO_PASSWORD": secret},
        {"MONGO_URL": f"mongodb://acme:{''.join(f'%{byte:02x}' for byte in secret.encode())}@db.example.org/?tls=true"},
    ):
        (line,) = refused(**environ)
        assert line.startswith(f"{next(iter(environ))}: ")
        assert len(secret) < 9 or secret not in line


@pytest.mark.parametrize(
    "secret",
    [
        strong("any"),
        "kT9-vQ2x_Lr7sWmZ",
        # Words that belong together only for whoever has chosen them, and random digits.
        "correct horse battery staple",
        "9384756102938475",
    ],
)
def test_a_secret_that_nobody_guesses_is_taken(secret: str) -> None:
    assert weakness(secret) is None
    assert refused(SECRET_KEY=secret) == []


@pytest.mark.parametrize(
    ("named", "environ"),
    [
        ("MONGO_PASSWORD", {"SECRET_KEY": strong("mongo")}),
        ("SECRET_KEY", {"MONGO_URL": URL, "MONGO_PASSWORD": "", "SECRET_KEY": strong("mongo")}),
        ("SECRET_KEY", {"MONGO_USER": strong("key").upper()}),
        ("SECRET_KEY", {"MONGO_URL": f"mongodb://{strong('key')}:{strong('x')}@localhost/", "MONGO_PASSWORD": ""}),
    ],
)
def test_a_secret_is_for_one_thing_only_and_is_no_name(named: str, environ: dict[str, str]) -> None:
    (line,) = refused(**environ)
    assert named in line
    assert not any(value in line for value in environ.values() if value)


def test_a_long_secret_is_judged_at_once() -> None:
    assert weakness("changeme" * 5_000 + "x") is None


def test_the_secrets_of_a_section_are_among_them() -> None:
    class Section(BaseModel):
        mail_password: SecretStr = SecretStr("")

    environ = {**SAFE, "MAIL_PASSWORD": SAFE["SECRET_KEY"]}
    with pytest.raises(ConfigError, match="SECRET_KEY: is the same as MAIL_PASSWORD"):
        Settings.load(environ, env_files=(), sections=[Section])


def test_the_address_of_a_server_may_have_the_password_that_also_stands_alone() -> None:
    assert refused(MONGO_URL=URL, MONGO_PASSWORD=strong("mongo")) == []


@pytest.mark.parametrize(
    ("named", "environ"),
    [
        ("its user is an administrator", {"MONGO_URL": URL.replace("acme", "root", 1)}),
        ("its user is an administrator", {"MONGO_URL": URL.replace("acme", "%41dmin", 1)}),
        ("MONGO_USER", {"MONGO_USER": "root"}),
        ("MONGO_USER", {"MONGO_USER": "Admin"}),
        ("MONGO_DATABASE", {"MONGO_DATABASE": "admin"}),
        ("MONGO_DATABASE", {"MONGO_DATABASE": "local"}),
        ("MONGO_DATABASE", {"MONGO_DATABASE": "config"}),
        ("write concern", {"MONGO_URL": f"{URL}&w=1"}),
        ("write concern", {"MONGO_URL": f"{URL}&w=0"}),
        ("write concern", {"MONGO_URL": f"{URL}&W=%31"}),
        ("write concern", {"MONGO_URL": f"{URL}&journal=false"}),
        ("begins with neither", {"MONGO_URL": f"http://acme:{strong('mongo')}@db.example.org/"}),
        ("begins with neither", {"MONGO_URL": "db.example.org"}),
        ("does not know", {"MONGO_URL": f"mongodb://acme:{strong('mongo')}@db.example.org:port/"}),
        ("no address", {"MONGO_URL": "mongodb://%31.2.3.4/"}),
        ("no address", {"MONGO_URL": f"{URL}&appName=x;tlsInsecure=true"}),
        ("no address", {"MONGO_URL": "mongodb://a:b:c@@db.example.org/"}),
        ("does not know", {"MONGO_URL": f"{URL}&journall=true"}),
        ("does not know", {"MONGO_URL": f"{URL}&tlsAllowInvalidHostnames=TRUE"}),
        ("has an option twice", {"MONGO_URL": f"{URL}&tls=false"}),
    ],
)
def test_an_account_or_an_address_that_is_unfit_is_named(named: str, environ: dict[str, str]) -> None:
    (line,) = refused(**environ)
    assert named in line
    assert strong("mongo") not in line


def test_who_shows_a_certificate_needs_no_password(tmp_path: Path) -> None:
    certificate = issued(tmp_path)
    x509 = "mongodb://CN%3Dacme@db.example.org/?authMechanism=MONGODB-X509"
    shown = {"MONGO_PASSWORD": "", "MONGO_TLS_CERT_FILE": str(certificate)}
    assert refused(MONGO_URL=f"{x509}&tls=true", **shown) == []
    assert refused(MONGO_URL=f"{x509.replace('CN%3Dacme@', '')}&tls=true", **shown) == []
    assert refused(MONGO_URL=f"{x509}&tls=true&tlsCertificateKeyFile={certificate}", MONGO_PASSWORD="") == []
    (line,) = refused(MONGO_URL=f"{x509}&tls=true", MONGO_PASSWORD="")
    assert line.startswith("MONGO_URL: authMechanism=MONGODB-X509")
    assert line.endswith("MONGO_TLS_CERT_FILE")
    near = x509.replace("db.example.org", "localhost")
    assert "MONGO_URL: its password is missing" in refused(MONGO_URL=near, MONGO_PASSWORD="")


@pytest.mark.parametrize(
    "host",
    ["", " ", "*", "0", "0.0", "0.0.0.0", "00.0.0.0", "0x0", "::", "[::]", "::0", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"],  # noqa: S104 - cases
)
def test_every_network_is_one_in_any_spelling(host: str) -> None:
    assert is_every_network(host)
    assert [line.split(":")[0] for line in refused(API_HOST=host)] == ["API_HOST"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.7", "api", "api.internal", "[fd00::1]"])
def test_one_network_is_taken(host: str) -> None:
    assert not is_every_network(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "::1", "[::1]", "::ffff:127.0.0.1", "LOCALHOST."]
)
def test_this_machine_is_one_in_any_spelling(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["127.evil.example", "localhost.evil.example", "0.0.0.0", "10.0.0.1", "", "1.2.3.4.5"])  # noqa: S104 - a case
def test_another_machine_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "pattern",
    ["", " ", ".", "..", "*", "*.", "*.*", "*.example.org", ".com", ".co.uk", "co.uk", ".github.io", "0.0.0.0", "[::]"],  # noqa: S104 - cases
)
def test_a_trusted_host_that_is_anybodys_is_refused(pattern: str) -> None:
    assert is_everybodys(pattern)
    assert [line.split(":")[0] for line in refused(API_TRUSTED_HOSTS=f"a.example.org,{pattern}")] == [
        "API_TRUSTED_HOSTS"
    ]


@pytest.mark.parametrize(
    "pattern", ["api", "example.org", ".example.org", "acme.co.uk", ".acme.github.io", "10.0.0.7", "[::1]"]
)
def test_a_trusted_host_of_ones_own_is_taken(pattern: str) -> None:
    assert not is_everybodys(pattern)
