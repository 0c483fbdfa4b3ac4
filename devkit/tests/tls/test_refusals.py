"""No server is trusted that cannot prove who it is, and no password is told to one."""

import re
import ssl
import time

import pytest

from common.config import Settings
from testing.servers import Servers

from .certificates import ADDRESS
from .conftest import Tls
from .recorder import Recorder, encrypted_bytes
from .servers import KINDS

ON_EACH = pytest.mark.parametrize("kind", KINDS)
# An encrypted alert is 19 bytes; the shortest message with a password is far longer.
ALERTS = 64
# Seconds. What has no TLS may wait for the rest of a handshake in silence, until the client's own limit of five.
PATIENCE = 8
# That it closes the connection has two wordings, by the version of Python.
CLOSED = r"EOF occurred|connection has been closed \(EOF\)"
NO_TLS = f"wrong.version.number|{CLOSED}|handshake operation timed out|Timeout connecting"

pytestmark = pytest.mark.integration


def refusals(settings: Settings, kind: str) -> list[str]:
    """Return what each way says; fails when one connects, or takes longer than a person would wait."""
    said = []
    for way in KINDS[kind].ways:
        began = time.monotonic()
        with pytest.raises(Exception) as raised:  # noqa: PT011 - each driver has errors of its own
            way(settings)
        assert time.monotonic() - began < PATIENCE
        said.append(f"{raised.value} {raised.value.__cause__} {raised.value.__context__}")
    return said


@ON_EACH
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("unknown authority", "unable to get local issuer certificate|self.signed certificate in certificate chain"),
        ("wrong name", "IP address mismatch"),
        ("expired", "certificate has expired"),
    ],
    ids=["unknown authority", "wrong name", "expired"],
)
def test_a_server_that_cannot_prove_who_it_is_is_refused(tls: Tls, kind: str, wrong: str, reason: str) -> None:
    server = tls.server(kind, "expired" if wrong == "expired" else "right")
    options = {"unknown authority": {"authority": "unknown"}, "wrong name": {"host": ADDRESS}}.get(wrong, {})
    with Recorder(server.port) as recorder:
        for said in refusals(tls.settings(server, port=recorder.port, **options), kind):
            assert "certificate verify failed" in said
            assert re.search(reason, said), said
            assert server.password not in said
        assert recorder.sent
        assert all(encrypted_bytes(sent) < ALERTS for sent in recorder.sent)


@ON_EACH
def test_a_server_that_does_not_speak_tls_is_refused(tls: Tls, kind: str, plain: Servers) -> None:
    KINDS[kind].start_plain(plain)
    port = int(plain.environ[f"{kind.upper()}_PORT"])
    server = tls.server(kind)
    with Recorder(port) as recorder:
        for said in refusals(tls.settings(server, port=recorder.port), kind):
            assert re.search(NO_TLS, said, re.IGNORECASE), said
        assert any(recorder.sent)
        for sent in recorder.sent:
            # One handshake message, which says who the client is, or nothing.
            assert sent[:1] in (b"", bytes([22]))
            assert encrypted_bytes(sent) == 0
            assert server.password.encode() not in sent


@ON_EACH
def test_a_server_that_proves_who_it_is_is_used(tls: Tls, kind: str) -> None:
    settings = tls.settings(tls.server(kind))
    for way in KINDS[kind].ways:
        way(settings)
    KINDS[kind].check_used(settings)


@ON_EACH
def test_without_a_file_the_systems_authorities_count(tls: Tls, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = KINDS[kind].authority_key
    # A port of its own: connections that earlier tests have made are for other addresses.
    with Recorder(tls.server(kind).port) as recorder:
        environ = {**tls.environ(tls.server(kind), port=recorder.port), name: "", "MONGO_TIMEOUT": "2"}
        settings = Settings.load({**environ, "MONGO_DATABASE": "test_tls_system"}, env_files=())
        assert all("certificate verify failed" in said for said in refusals(settings, kind))
        monkeypatch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(tls.pairs["right"].authority))
        for way in KINDS[kind].ways:
            way(settings)


@ON_EACH
@pytest.mark.parametrize("option", ["authority", "name"])
def test_development_may_ask_for_less_in_so_many_words(tls: Tls, kind: str, option: str) -> None:
    server = tls.server(kind)
    known = "unknown" if option == "authority" else "right"
    with Recorder(server.port) as recorder:
        environ = tls.environ(server, host=ADDRESS, port=recorder.port, authority=known)
        environ = KINDS[kind].asking_less(environ, option)
        for way in KINDS[kind].ways:
            way(Settings.load({**environ, "MONGO_DATABASE": f"test_tls_{option}"}, env_files=()))
