"""TLS=1 encrypts the connection to the broker that no complete address leads to."""

from pathlib import Path

import pytest
from libs.common.tests.refusals import refused
from libs.common.tests.test_encryption import load, written

from common import brokers
from common.broker import BrokerKind
from common.extensions.queue.settings import QueueSettings
from common.queue import tls
from testing.strong import strong

KINDS = pytest.mark.parametrize("kind", brokers.kinds(), ids=brokers.names())


@KINDS
def test_the_address_has_the_encrypted_scheme_and_its_authority(kind: BrokerKind, tmp_path: Path) -> None:
    own = written(tmp_path)
    settings = load(tmp_path, TLS="1", BROKER=kind.name, **{kind.password_key: "secret"})
    assert settings.section(QueueSettings).broker_tls_ca_file == str(own)
    broker = tls.broker(settings)
    assert broker.address.startswith(f"{kind.encrypted}://")
    assert isinstance(broker.options, dict)
    assert str(own) in broker.options.values()
    plain = tls.broker(load(tmp_path, BROKER=kind.name))
    assert plain.address.startswith(f"{kind.plain}://")
    assert plain.options is False


@KINDS
def test_a_broker_elsewhere_is_left_to_the_authorities_of_the_system(kind: BrokerKind, tmp_path: Path) -> None:
    written(tmp_path)
    for elsewhere in ({kind.host_key: "mq.example.org"}, {"BROKER_URL": f"{kind.plain}://localhost/0"}):
        settings = load(tmp_path, TLS="1", BROKER=kind.name, **elsewhere)
        assert settings.section(QueueSettings).broker_tls_ca_file == ""


@KINDS
def test_production_takes_a_host_elsewhere_that_is_encrypted(kind: BrokerKind) -> None:
    far = {"BROKER": kind.name, kind.password_key: strong("broker"), kind.host_key: "mq.example.org"}
    assert refused(TLS="1", **far) == []
    (line,) = refused(TLS="0", **far)
    assert line.startswith(f"{kind.host_key}: ")


@KINDS
def test_an_authority_may_be_named_where_encryption_is_asked_for(kind: BrokerKind, tmp_path: Path) -> None:
    own = str(written(tmp_path))
    choice = {"BROKER": kind.name, "BROKER_TLS_CA_FILE": own, "ENVIRONMENT": "development"}
    assert refused(TLS="1", **choice) == []
    (line,) = refused(**choice)
    assert "TLS=1" in line
    assert refused(TLS="1", **choice, BROKER_URL=f"{kind.plain}://localhost/0")
