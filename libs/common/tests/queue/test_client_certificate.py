"""The certificate that is shown to a broker: what its driver is told, and that a wrong file is refused."""

from pathlib import Path

import pytest
from libs.common.tests.certificates import issued
from libs.common.tests.refusals import refused

from common import brokers
from common.broker import BrokerKind
from common.config import Settings
from common.queue import tls
from testing.strong import strong

KINDS = pytest.mark.parametrize("kind", brokers.kinds(), ids=brokers.names())
NAME = "BROKER_TLS_CERT_FILE"


@KINDS
def test_the_driver_is_told_of_it_as_certificate_and_key(kind: BrokerKind, tmp_path: Path) -> None:
    path = str(issued(tmp_path))
    for how in ({"TLS": "1", "BROKER": kind.name}, {"BROKER_URL": f"{kind.encrypted}://h/0?ssl_certfile=/other"}):
        options = tls.broker(Settings.load({**how, NAME: path}, env_files=())).options
        assert isinstance(options, dict)
        assert list(options.values()).count(path) == 2
        assert "/other" not in options.values()


@KINDS
def test_production_takes_one_that_others_cannot_read(kind: BrokerKind, tmp_path: Path) -> None:
    path = issued(tmp_path)
    given = {"BROKER_URL": f"{kind.encrypted}://u:{strong('broker')}@mq.example.org/0", NAME: str(path)}
    assert refused(**given) == []
    path.chmod(0o644)
    (line,) = refused(**given)
    assert line.startswith(f"{NAME}: {path} may be read")


def test_a_file_that_holds_none_and_a_connection_in_plain_text_are_refused(tmp_path: Path) -> None:
    (line,) = refused(ENVIRONMENT="development", **{NAME: str(issued(tmp_path))})
    assert line.startswith(f"{NAME}: is for an encrypted connection")
    (line,) = refused(ENVIRONMENT="development", TLS="1", **{NAME: str(tmp_path / "missing")})
    assert line == f"{NAME}: {tmp_path / 'missing'} cannot be read: No such file or directory"
