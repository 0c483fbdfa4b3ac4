"""What production refuses to send over a network in plain text, and what it takes for a network of its own."""

import pytest

from common.hosts import is_near
from testing.strong import strong

from .refusals import refused

ACCOUNT = f"acme:{strong('mongo')}@"
NEAR = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "mongo",
    "mongo.",
    "Mongo-1",
    "my_mongo",
]
FAR = [
    "",
    ".",
    "10.0.0.5",
    "0xa000005",
    "167772165",
    "012.0.0.5",
    "10.5",
    "0.0.0.0",  # noqa: S104 - nothing listens there
    "0",
    "::",
    "fd00::1",
    "[fd00::1]",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "[::ffff:a00:1]",
    "mongo.internal",
    "mongo.internal.",
    "mongo..",
    "127.0.0.1.example.org",
    "localhost.example.org",
    # What a resolver takes for a dot.
    "mongo\u3002internal",
    "mongo\uff0einternal",
    "mongo\uff61internal",
    "127.0.0.1 db.example.org",
    "mongo db",
    "mongo\n",
    "mongo,db",
    "*",
]


@pytest.mark.parametrize("host", NEAR)
def test_this_machine_and_a_name_without_a_dot_are_near(host: str) -> None:
    assert is_near(host)


@pytest.mark.parametrize("host", FAR)
def test_another_address_and_a_name_with_a_dot_are_not(host: str) -> None:
    assert not is_near(host)


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://db.example.org/",
        "mongodb://DB.example.org.:27018/?replicaSet=rs0",
        "mongodb://10.0.0.5/",
        "mongodb://0xa000005/",
        "mongodb://[fd00::1]:27017/",
        "mongodb://[::ffff:10.0.0.1]/",
        "mongodb://mongo,localhost:2,db.example.org:3/",
        "mongodb://mongo.internal/?tls=false",
        "mongodb://mongo.internal/?ssl=false",
        "mongodb://db.example.org/?appName=localhost",
        "mongodb://db.example.org/?appName=@localhost",
        "mongodb+srv://db.example.org/?tls=false",
        "mongodb+srv://localhost/?tls=false",
        "mongodb+srv://mongo/?ssl=false",
    ],
)
def test_a_mongodb_elsewhere_in_plain_text_is_refused(address: str) -> None:
    (line,) = refused(MONGO_URL=address.replace("://", f"://{ACCOUNT}"), MONGO_PASSWORD="")
    assert line.startswith("MONGO_URL: ")
    assert "in plain text" in line
    assert line.endswith("; use tls=true")
    assert strong("mongo") not in line


def test_what_travels_without_a_password_is_refused_too() -> None:
    lines = refused(MONGO_URL="mongodb://db.example.org/", MONGO_PASSWORD="")
    assert [line for line in lines if "in plain text" in line]


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://localhost/",
        "mongodb://0x7f.1:1,[::1]:2,[::ffff:127.0.0.1]:3/",
        "mongodb://mongo/?replicaSet=rs0",
        "mongodb://mongo-1,mongo-2:27018,mongo./",
        "mongodb://%2Frun%2Fmongodb%2Fmongodb-27017.sock/",
        "mongodb://db.example.org,10.0.0.5/?tls=true",
        "mongodb://db.example.org/?ssl=true",
        "mongodb+srv://db.example.org/",
    ],
)
def test_a_mongodb_near_or_encrypted_is_taken(address: str) -> None:
    assert refused(MONGO_URL=address.replace("://", f"://{ACCOUNT}"), MONGO_PASSWORD="") == []


@pytest.mark.parametrize("host", ["db.example.org", "10.0.0.5", "0xa000005", "mongo.internal"])
def test_a_mongodb_host_elsewhere_is_refused(host: str) -> None:
    (line,) = refused(MONGO_HOST=host)
    assert line.startswith("MONGO_HOST: ")
    assert "in plain text" in line
    assert line.endswith("MONGO_URL with tls=true")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "mongo"])
def test_a_mongodb_host_nearby_is_taken(host: str) -> None:
    assert refused(MONGO_HOST=host) == []


def test_a_mongodb_host_that_an_address_replaces_does_not_matter() -> None:
    url = f"mongodb://{ACCOUNT}db.example.org/?tls=true"
    assert refused(MONGO_URL=url, MONGO_PASSWORD="", MONGO_HOST="10.0.0.5") == []


def test_plain_text_is_refused_together_with_all_else() -> None:
    lines = refused(MONGO_HOST="db.example.org", API_PORT="0", SECRET_KEY="short")
    assert {line.partition(":")[0] for line in lines} == {"MONGO_HOST", "API_PORT", "SECRET_KEY"}


def test_development_takes_plain_text() -> None:
    assert refused(ENVIRONMENT="development", MONGO_URL="mongodb://db.example.org/") == []
    assert refused(ENVIRONMENT="development", MONGO_HOST="db.example.org") == []
