"""Which brokers production refuses to speak with in plain text."""

import pytest
from libs.common.tests.refusals import refused

from common import brokers
from common.broker import BrokerKind
from testing.strong import strong

KINDS = pytest.mark.parametrize("kind", brokers.kinds(), ids=brokers.names())
ACCOUNT = f"u:{strong('broker')}@"


def address(scheme: str, *hosts: str) -> str:
    return ";".join(f"{scheme}://{ACCOUNT}{host}" for host in hosts)


@KINDS
@pytest.mark.parametrize(
    "hosts",
    [
        ["mq.example.org/v"],
        ["MQ.example.org.:1/v"],
        ["10.0.0.5"],
        ["0xa000005:1/0"],
        ["[fd00::1]:1/0"],
        ["[::ffff:10.0.0.1]/0"],
        ["mq%2Eexample%2Eorg/0"],
        ["mq.example.org?x=@localhost/0"],
        ["mq.example.org#@localhost/0"],
        ["mq.example.org/0?x=://localhost"],
        ["localhost,mq.example.org/0"],
        ["localhost/0", "mq.example.org/0"],
        ["mq/0", "[::1]/0", "10.0.0.5/0"],
    ],
    ids=";".join,
)
def test_a_broker_elsewhere_in_plain_text_is_refused(kind: BrokerKind, hosts: list[str]) -> None:
    for scheme in (kind.plain, kind.plain.upper()):
        (line,) = refused(BROKER_URL=address(scheme, *hosts))
        assert line.startswith("BROKER_URL: ")
        assert "in plain text" in line
        assert line.endswith(f"; use {kind.encrypted}://")
        assert strong("broker") not in line


@KINDS
def test_what_travels_without_a_password_is_refused_too(kind: BrokerKind) -> None:
    lines = refused(BROKER_URL=f"{kind.plain}://mq.example.org/0")
    assert [line for line in lines if "in plain text" in line]


@KINDS
def test_one_address_of_several_may_not_be_elsewhere_whatever_the_first_one_is(kind: BrokerKind) -> None:
    for first in (*kind.local, kind.plain):
        for second in (address(kind.plain, "mq.example.org/0"), "mq.example.org", "mq.example.org?x=://localhost"):
            lines = refused(BROKER_URL=f"{address(first, '/run/mq')};{second}")
            assert [line for line in lines if "in plain text" in line]


@KINDS
@pytest.mark.parametrize(
    "hosts",
    [["localhost/0"], ["0x7f.1:1/0"], ["[::ffff:127.0.0.1]:1/0"], ["mq/0"], ["mq./0"], ["/0"], ["mq-1/0", "mq_2:1/0"]],
    ids=";".join,
)
def test_a_broker_nearby_is_taken(kind: BrokerKind, hosts: list[str]) -> None:
    assert refused(BROKER_URL=address(kind.plain, *hosts)) == []


@KINDS
def test_a_broker_that_is_encrypted_or_a_socket_is_taken(kind: BrokerKind) -> None:
    assert refused(BROKER_URL=address(kind.encrypted, "mq.example.org/0")) == []
    for scheme in kind.local:
        assert refused(BROKER_URL=address(scheme, "/run/mq.sock")) == []


@KINDS
@pytest.mark.parametrize("host", ["mq.example.org", "10.0.0.5", "0xa000005"])
def test_the_host_of_a_kind_elsewhere_is_refused(kind: BrokerKind, host: str) -> None:
    (line,) = refused(BROKER=kind.name, **{kind.password_key: strong("broker"), kind.host_key: host})
    assert line.startswith(f"{kind.host_key}: ")
    assert "in plain text" in line
    assert line.endswith(f"BROKER_URL with {kind.encrypted}://")


@KINDS
@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "mq"])
def test_the_host_of_a_kind_nearby_is_taken(kind: BrokerKind, host: str) -> None:
    assert refused(BROKER=kind.name, **{kind.password_key: strong("broker"), kind.host_key: host}) == []


@KINDS
def test_the_host_of_a_kind_that_is_not_used_does_not_matter(kind: BrokerKind) -> None:
    far = {each.host_key: "10.0.0.5" for each in brokers.kinds()}
    assert refused(BROKER_URL=address(kind.encrypted, "mq.example.org/0"), **far) == []
    others = {key: host for key, host in far.items() if key != kind.host_key}
    assert refused(BROKER=kind.name, **{kind.password_key: strong("broker")}, **others) == []


@KINDS
def test_plain_text_is_refused_together_with_all_else(kind: BrokerKind) -> None:
    lines = refused(BROKER_URL=address(kind.plain, "mq.example.org/0"), MONGO_HOST="10.0.0.5", JOB_LEASE="nan")
    assert {line.partition(":")[0] for line in lines} == {"BROKER_URL", "MONGO_HOST", "JOB_LEASE"}


@KINDS
def test_development_takes_plain_text(kind: BrokerKind) -> None:
    assert refused(ENVIRONMENT="development", BROKER_URL=address(kind.plain, "mq.example.org/0")) == []
