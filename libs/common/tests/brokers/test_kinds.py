"""Which kind of broker is used, and what every kind has to declare."""

import pytest
from kombu import Connection

from common import brokers
from common.broker import BrokerKind
from common.config import ConfigError, Settings
from common.extensions.queue.settings import QueueSettings
from common.queue.broker import kind_of

KINDS = pytest.mark.parametrize("kind", brokers.kinds(), ids=brokers.names())


def test_without_a_name_it_is_the_first_one_that_is_there() -> None:
    first = min(brokers.kinds(), key=lambda kind: kind.place)
    for environ in ({}, {"BROKER": ""}):
        settings = Settings.load(environ, env_files=())
        assert (settings.section(QueueSettings).broker, kind_of(settings)) == (first.name, first)


def test_an_unknown_one_is_refused_with_the_names_of_those_that_are_there() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"BROKER": "kafka"}, env_files=())
    (line,) = caught.value.problems
    assert line == f"BROKER: there is no broker 'kafka', only {' and '.join(brokers.names())}"


@KINDS
def test_a_kind_is_found_by_its_name_and_by_the_schemes_of_its_addresses(kind: BrokerKind) -> None:
    assert kind_of(Settings.load({"BROKER": kind.name}, env_files=())) is kind
    for scheme in kind.schemes:
        assert kind_of(Settings.load({"BROKER_URL": f"{scheme}://h/v"}, env_files=())) is kind


@KINDS
def test_its_settings_begin_with_its_name_and_the_driver_is_the_one_of_its_addresses(kind: BrokerKind) -> None:
    fields = [name.upper() for name in kind.settings.model_fields]
    assert {kind.host_key, kind.port_key, kind.password_key} <= set(fields)
    assert all(name.startswith(f"{kind.name.upper()}_") for name in fields)
    for scheme in (kind.plain, kind.encrypted):
        assert Connection(f"{scheme}://h/v").get_transport_cls().__module__ == kind.driver


def test_no_two_kinds_have_the_same_place_or_scheme() -> None:
    schemes = [scheme for kind in brokers.kinds() for scheme in kind.schemes]
    assert len(set(schemes)) == len(schemes)
    assert len({kind.place for kind in brokers.kinds()}) == len(brokers.kinds())
