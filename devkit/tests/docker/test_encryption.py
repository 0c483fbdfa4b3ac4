"""Between the containers, and through the published ports, there is verified TLS and nothing else."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trustme

from common.discovery import modules_of

from . import encrypted, greeting
from .conftest import IMAGES, SERVERS, SERVICES, Deployment, docker, until
from .test_deployment import posting
from .test_images import refused

pytestmark = pytest.mark.deploy

KINDS = {module.__name__.rpartition(".")[2]: module for module in modules_of(encrypted)}
ON_EACH = pytest.mark.parametrize("server", SERVERS)
# An alert of TLS, which says no and nothing of the server.
ALERT = b"\x15\x03"
# Seconds in which a certificate expires: MongoDB does not start with one that has expired already.
SOON = 20
# What is run in a container of a service: its own settings, but for those that are given; PEM becomes a file.
ASK = """
import os, sys
from common.config import Settings
for name, value in (each.split("=", 1) for each in sys.argv[2:]):
    if value.startswith("-----BEGIN"):
        with open(f"/tmp/{name}", "w") as file:
            file.write(value)
        value = f"/tmp/{name}"
    os.environ[name] = value
settings = Settings.load(os.environ)
try:
    exec(sys.argv[1])
except Exception as error:
    print(error, error.__cause__)
else:
    print("trusted")
"""


class Inside:
    """The network of the deployment, seen from a container of the API."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def run(self, script: str, *arguments: str) -> str:
        """Return what Python in that container prints."""
        (api,) = self._deployment.containers("api")
        command = ["docker", "exec", "--interactive", api, "python", "-", *arguments]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def succeeds(self, script: str) -> bool:
        """Return whether Python in that container can connect."""
        return not self.run(f"try: {script}\nexcept OSError: print('no')")

    def answer(self, host: str, port: int, said: bytes, authority: str = "") -> bytes:
        """Return what a server answers there."""
        script = Path(greeting.__file__).read_text()
        return bytes.fromhex(self.run(script, host, str(port), said.hex(), *filter(None, [authority])))

    def ask(self, server: str, host: str, **settings: str) -> str:
        """Return what a service says that uses a server by a host name."""
        kind = KINDS[server]
        own = {**kind.SETTINGS, kind.HOST_KEY: host, kind.PORT_KEY: str(kind.PORT), "MONGO_TIMEOUT": "2", **settings}
        return self.run(ASK, kind.ASK, *(f"{name}={value}" for name, value in own.items()))


@pytest.fixture(scope="module", autouse=True)
def every_server(deployment: Deployment) -> None:
    """Start what the product does not use; another module may have taken it down."""
    deployment.develop("db-up", "--only", ",".join(SERVERS))


@pytest.fixture(scope="module")
def inside(deployment: Deployment) -> Inside:
    """Provide what is asked from a container."""
    return Inside(deployment)


@pytest.fixture(scope="module")
def authority(deployment: Deployment) -> str:
    """The authority of the deployment."""
    return (deployment.root / ".data/tls/authority.pem").read_text()


@pytest.fixture(scope="module")
def other() -> trustme.CA:
    """An authority that nobody has named."""
    return trustme.CA()


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


@pytest.fixture(scope="module")
def more(deployment: Deployment, other: trustme.CA) -> Iterator[dict[tuple[str, str], str]]:
    """The same servers once more, `expired` and `plain`, on the deployment's network: their names by both."""
    names = {(how, server): f"{deployment.name}-{how}-{server}" for how in ("expired", "plain") for server in SERVERS}
    with ExitStack() as stops:
        until_when = datetime.now(UTC) + timedelta(seconds=SOON)
        for (how, server), name in names.items():
            shown = other.issue_cert(name, not_after=until_when).private_key_and_cert_chain_pem.bytes().decode()
            own = {"TLS": "0"} if how == "plain" else {f"{server.upper()}_CERTIFICATE": shown + pem(other)}
            start_again(deployment, server, name, own)
            stops.callback(docker, "rm", "--force", "--volumes", name)
        inside = Inside(deployment)
        for (_, server), name in names.items():
            look = f"import socket; socket.create_connection(('{name}', {KINDS[server].PORT}), 1)"
            until(partial(inside.succeeds, look), seconds=120)
        time.sleep(max(0.0, (until_when - datetime.now(UTC)).total_seconds() + 1))
        yield names


def start_again(deployment: Deployment, server: str, name: str, environ: dict[str, str]) -> None:
    """Start another container of a server's kind, with data of its own."""
    (known,) = json.loads(docker("inspect", *deployment.containers(server)))
    config, host = known["Config"], known["HostConfig"]
    mounts = [mount for mount in known["Mounts"] if mount["Type"] == "bind"]
    words = [word for mount in mounts for word in ("--volume", f"{mount['Source']}:{mount['Destination']}:ro")]
    words += [word for each in (*config["Env"], *map("=".join, environ.items())) for word in ("--env", each)]
    words += [word for path in host["Tmpfs"] for word in ("--tmpfs", path)]
    words += ["--network", f"{deployment.name}_default", "--user", config["User"]]
    # It is that name to itself and to nobody else, who would take it for the other one.
    words += ["--add-host", f"{server}:127.0.0.1"]
    program, *arguments = config["Entrypoint"]
    docker("run", "--detach", "--name", name, *words, "--entrypoint", program, config["Image"], *arguments)


@ON_EACH
def test_a_server_answers_nobody_in_plain_text(
    deployment: Deployment, inside: Inside, authority: str, server: str
) -> None:
    """From another container and through the published port; encrypted, the same words are answered."""
    kind = KINDS[server]
    port = int(deployment.settings[kind.PORT_KEY])
    assert len(inside.answer(server, kind.PORT, kind.GREETING, authority)) > 4
    assert len(greeting.answer("localhost", port, kind.GREETING, authority)) > 4
    for answer in (
        inside.answer(server, kind.PORT, kind.GREETING),
        greeting.answer("127.0.0.1", port, kind.GREETING),
    ):
        assert answer == b"" or answer.startswith(ALERT)


@ON_EACH
def test_a_server_has_its_own_key_and_no_other(deployment: Deployment, server: str) -> None:
    """Its process has none in its environment, and of the services no container has one at all."""
    (container,) = deployment.containers(server)
    (known,) = json.loads(docker("inspect", container))
    holding = [each.partition("=")[0] for each in known["Config"]["Env"] if "PRIVATE KEY" in each]
    assert holding == [f"{server.upper()}_CERTIFICATE"]
    environ = Path(f"/proc/{known['State']['Pid']}/environ")
    if os.geteuid() == 0 and environ.exists():
        assert b"PRIVATE KEY" not in environ.read_bytes()
    for service in IMAGES:
        for each in deployment.containers(service):
            assert "PRIVATE KEY" not in docker("inspect", each)
    key = (deployment.root / f".data/tls/{server}.pem").read_text().split("PRIVATE KEY-----")[1]
    assert key.strip()[:40] not in deployment.invoke("config")


@ON_EACH
def test_a_server_of_an_unknown_authority_is_refused(inside: Inside, other: trustme.CA, server: str) -> None:
    assert inside.ask(server, server).startswith("trusted")
    said = inside.ask(server, server, **{KINDS[server].AUTHORITY_KEY: pem(other)})
    assert re.search("certificate verify failed: (unable to get local issuer|self.signed)", said), said


@ON_EACH
def test_a_server_of_another_name_is_refused(deployment: Deployment, inside: Inside, server: str) -> None:
    """By the container's own name, which leads to it too."""
    said = inside.ask(server, f"{deployment.name}-{server}-1")
    assert re.search("certificate verify failed: Hostname mismatch", said), said


@ON_EACH
def test_a_server_whose_certificate_has_expired_is_refused(
    inside: Inside, other: trustme.CA, more: dict[tuple[str, str], str], server: str
) -> None:
    said = inside.ask(server, more["expired", server], **{KINDS[server].AUTHORITY_KEY: pem(other)})
    assert "certificate verify failed: certificate has expired" in said


@ON_EACH
def test_a_server_that_speaks_no_tls_is_refused(inside: Inside, more: dict[tuple[str, str], str], server: str) -> None:
    kind, name = KINDS[server], more["plain", server]
    assert len(inside.answer(name, kind.PORT, kind.GREETING)) > 4
    said = inside.ask(server, name)
    assert re.search(r"wrong.version.number|EOF|timed out|Timeout|closed", said, re.IGNORECASE), said


@pytest.mark.parametrize("service", sorted({*IMAGES} & {*SERVICES}))
def test_the_log_of_a_service_says_why_a_server_is_not_used(
    deployment: Deployment, other: trustme.CA, tmp_path: Path, service: str
) -> None:
    file = tmp_path / "authority.pem"
    file.write_text(pem(other))
    (known,) = json.loads(docker("inspect", *deployment.containers(service)))
    words = [word for each in known["Config"]["Env"] for word in ("--env", each)]
    words += ["--volume", f"{file}:/run/secrets/mongo_tls_ca:ro", "--network", f"{deployment.name}_default"]
    others = [mount for mount in known["Mounts"] if mount["Destination"].startswith("/run/secrets/")]
    words += [
        word
        for mount in others
        if not mount["Destination"].endswith("/mongo_tls_ca")
        for word in ("--volume", f"{mount['Source']}:{mount['Destination']}:ro")
    ]
    container = docker("run", "--detach", *words, deployment.image(service))
    ask = "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz')"
    try:
        if service == "api":
            # It connects when it is asked for something.
            until(lambda: "503" in _failing(container, ask))
        until(lambda: "MongoDB is not used: mongo:27017: [SSL: CERTIFICATE_VERIFY_FAILED]" in _log(container))
    finally:
        docker("rm", "--force", container)


def _failing(container: str, script: str) -> str:
    command = ["docker", "exec", container, "python", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def _log(container: str) -> str:
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_an_operator_is_told_so_too_and_nothing_is_done(
    deployment: Deployment, other: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "authority.pem"
    file.write_text(pem(other))
    said = deployment.invoke("admin", "indexes --check", code=2, MONGO_TLS_CA_FILE=str(file))
    assert re.search(r"(?m)^MongoDB does not answer: mongo:27017: \[SSL: CERTIFICATE_VERIFY_FAILED\]", said), said


@pytest.mark.parametrize("service", IMAGES)
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"TLS": "0", "MONGO_HOST": "db.example.com"},
            "MONGO_HOST: is another machine, which is reached in plain text",
        ),
        ({"TLS": "maybe"}, "TLS: "),
        ({"TLS": "1", "MONGO_TLS_CA_FILE": "/nowhere.pem"}, "MONGO_TLS_CA_FILE: "),
        ({"MONGO_URL": "mongodb://u:p@db.example.com/?tls=true&tlsInsecure=true"}, "leaves the server unverified"),
        ({"MONGO_URL": "mongodb://u:p@db.example.com/"}, "MONGO_URL: leads to another machine in plain text"),
    ],
    ids=["plain host", "no such TLS", "no authority", "unverified", "plain address"],
)
def test_a_container_ends_with_a_line_for_what_production_refuses(
    deployment: Deployment, service: str, settings: dict[str, str], line: str
) -> None:
    said = refused(deployment, service, ENVIRONMENT="production", **settings)
    assert line in said
    assert "Traceback" not in said


def test_new_certificates_of_a_new_authority_take_their_place_and_nothing_is_lost(deployment: Deployment) -> None:
    running = {name: deployment.containers(name) for name in (*SERVERS, *SERVICES)}
    with posting(deployment):
        for file in (deployment.root / ".data/tls").iterdir():
            file.unlink()
        deployment.invoke("up")
        deployment.develop("db-up", "--only", ",".join(SERVERS))
    replaced = [name for name, ids in running.items() if deployment.containers(name) != ids]
    assert set(replaced) >= {*SERVERS, *({*IMAGES} & {*SERVICES})}
    deployment.develop("db-indexes", "--check")
