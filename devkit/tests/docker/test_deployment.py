"""What runs, and what it survives."""

import itertools
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from common import settings_files
from common.discovery import modules_of
from devkit import local_secrets

from . import data
from .conftest import COMMITTED, IMAGES, PORTS, SERVERS, SERVICES, Deployment, docker, until
from .data import note

pytestmark = pytest.mark.deploy

KINDS = modules_of(data)
# What start.sh has written there.
_TRUST = "/tmp/certificate.pem"  # noqa: S108 - in the container
SHELL = ("mongosh", "--quiet", "--norc", "--tls", "--tlsCAFile", _TRUST)


def check(deployment: Deployment, made: Iterable[tuple[ModuleType, str]]) -> None:
    """Fail unless all that was made is whole."""
    for kind, identity in made:
        kind.whole(deployment, identity)


def test_a_note_is_stored_and_the_log_carries_the_request_id(deployment: Deployment) -> None:
    note.whole(deployment, note.make(deployment, **{"X-Request-ID": "from-the-test"}))
    lines = [json.loads(line) for line in deployment.invoke("logs", "api").splitlines() if line.startswith("{")]
    assert any(line["request_id"] == "from-the-test" and line["service"] == "api" for line in lines)
    assert re.search(r"^api-1 +\| .*from-the-test", deployment.invoke("logs"), re.MULTILINE)


@pytest.mark.parametrize("service", [*SERVERS, *SERVICES])
def test_every_container_is_locked_down(deployment: Deployment, service: str) -> None:
    (container,) = deployment.containers(service)
    known = json.loads(docker("inspect", container))[0]
    host: dict[str, Any] = known["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    assert known["State"]["Health"]["Status"] == "healthy"
    status = Path(f"/proc/{known['State']['Pid']}/status")
    if status.exists():
        said = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
        assert set(said["Uid"].split()) in ({"10001"}, {"999"})
        assert int(said["CapEff"], 16) == int(said["CapBnd"], 16) == 0
        assert said["NoNewPrivs"] == "1"
    touched = subprocess.run(
        ["docker", "exec", container, "touch", "/opt/x", "/etc/x", "/x"], capture_output=True, check=False
    )
    assert touched.stderr.count(b"Read-only file system") == 3


def test_every_open_port_is_on_loopback(deployment: Deployment) -> None:
    open_ports: dict[str, str] = {}
    for service in (*SERVERS, *SERVICES):
        for container in deployment.containers(service):
            for bindings in json.loads(docker("inspect", container))[0]["NetworkSettings"]["Ports"].values():
                open_ports |= {binding["HostPort"]: binding["HostIp"] for binding in bindings or ()}
    assert open_ports == {deployment.settings[name]: "127.0.0.1" for name in PORTS}


def test_the_account_of_the_api_may_use_its_own_documents_and_nothing_else(deployment: Deployment) -> None:
    note.make(deployment)
    script = """
    db.getSiblingDB("admin").auth(`${process.env.MONGO_USER}-api`, process.env.MONGO_API_PASSWORD);
    const own = db.getSiblingDB(process.env.MONGO_DATABASE);
    print(own.notes.countDocuments({}) > 0);
    for (const refused of [
      () => db.getSiblingDB("admin").createUser({user: "x", pwd: "x", roles: []}),
      () => db.getSiblingDB("other").x.insertOne({}),
      () => db.getSiblingDB("admin").shutdownServer(),
      () => own.notes.drop(),
      () => own.notes.find({$where: "true"}).toArray(),
    ]) try { refused(); print("allowed", refused) } catch (error) { print(error.codeName) }
    """
    said = docker("exec", *deployment.containers("mongo"), *SHELL, "--eval", script).split()
    assert said[:5] == ["true", "Unauthorized", "Unauthorized", "Unauthorized", "Unauthorized"]
    # The error's name differs between versions.
    assert said[5] != "allowed"


@pytest.mark.parametrize("server", SERVERS)
def test_a_restarted_server_keeps_its_data(deployment: Deployment, server: str) -> None:
    before = [(kind, kind.make(deployment)) for kind in KINDS]
    check(deployment, before)
    deployment.invoke("restart", server)
    check(deployment, before)
    check(deployment, [(kind, until(partial(kind.make, deployment))) for kind in KINDS])


@contextmanager
def posting(deployment: Deployment) -> Iterator[None]:
    """Make data all the time while something happens; then fail unless all that was accepted is whole."""
    accepted: list[tuple[ModuleType, str]] = []
    stop = threading.Event()

    def post_all_the_time() -> None:
        for kind in itertools.cycle(KINDS):
            if stop.wait(0.02):
                return
            try:
                accepted.append((kind, kind.make(deployment)))
            except (httpx2.TransportError, AssertionError):
                # Refused while the one API is being replaced: the client knows that, and nothing was promised.
                continue

    poster = threading.Thread(target=post_all_the_time)
    poster.start()
    try:
        yield
    finally:
        stop.set()
        poster.join()
    assert len(accepted) > 50
    check(deployment, accepted)


def test_replacing_every_service_loses_nothing_that_was_accepted(deployment: Deployment) -> None:
    before = {service: deployment.containers(service) for service in SERVICES}
    with posting(deployment):
        # A changed setting is a new configuration, so every service is replaced.
        deployment.invoke("up", LOG_LEVEL="DEBUG")
    assert all(deployment.containers(service) != before[service] for service in SERVICES)


def test_the_configuration_shows_no_secret(deployment: Deployment) -> None:
    said = deployment.invoke("config")
    local = (deployment.root / ".env.local").read_text()
    hidden = re.findall(r"(?m)^\w*(?:PASSWORD|SECRET_KEY)=(.+)", local)
    assert len(hidden) == len(local_secrets.names())
    assert not any(secret in said for secret in hidden)
    assert "MONGO_PASSWORD: '********'" in said or "MONGO_PASSWORD: ********" in said


@pytest.mark.parametrize("files", ["servers/*.yml", "project.yml"])
def test_missing_secrets_stop_the_configuration_with_their_names(deployment: Deployment, files: str) -> None:
    folder = deployment.root / "docker"
    chosen = [word for path in (*folder.glob(files), *folder.glob("servers/*.yml")) for word in ("--file", path)]
    done = subprocess.run(
        ["docker", "compose", "--project-directory", folder, *chosen, "--profile", "*", "config"],
        env=settings_files.merge({**os.environ, **COMMITTED}, []),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert re.search(r"(PASSWORD|SECRET_KEY)\W.*invoke install", done.stderr), done.stderr


def test_the_servers_alone_serve_development(deployment: Deployment) -> None:
    said = deployment.develop("db-up", "--only", ",".join(SERVERS))
    for server in SERVERS:
        assert re.search(
            rf"^{server} +already up +[\d.]+ +\S+://127.0.0.1:\d+/\S* +{deployment.name}-{server}-1 ",
            said,
            re.MULTILINE,
        )
    assert len(re.findall(r" up ", deployment.develop("db-status", "--only", ",".join(SERVERS)))) == len(SERVERS)
    deployment.develop("db-indexes", "--check")
    assert "mongo-1" in deployment.develop("db-logs", "--server", "mongo")
    assert "the container engine answers" in deployment.develop("doctor")


def test_a_missing_image_is_pulled_from_its_registry_or_else_built(deployment: Deployment) -> None:
    said = deployment.invoke("up", code=1, IMAGE_PREFIX="registry.invalid/team/")
    assert "is neither here nor in its registry: `docker login`, or `invoke build`" in said
    assert f"building what is missing: {', '.join(IMAGES)}" in deployment.invoke("up", VERSION="0.0.2")
    assert deployment.http.get("/version").json()["version"] == "0.0.2"
    deployment.invoke("up")


def test_down_leaves_the_data_and_up_finds_them_but_not_a_taken_port(deployment: Deployment) -> None:
    kept = [(kind, kind.make(deployment)) for kind in KINDS]
    check(deployment, kept)
    deployment.invoke("down")
    assert not docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={deployment.name}")
    assert all(f"{deployment.name}_{server}" in docker("volume", "ls", "--quiet").split() for server in SERVERS)
    port = int(deployment.settings["API_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        said = deployment.invoke("up", code=1)
        assert f"port {port} is taken by pid {os.getpid()}" in said
        assert "API_PORT" in said
    deployment.invoke("up")
    check(deployment, kept)


def test_backups_are_made_by_themselves_and_rehearsed_and_told_until_they_are_switched_off(
    deployment: Deployment,
) -> None:
    (container,) = deployment.containers("backup")
    made = until(lambda: docker("exec", container, "ls", "/data/backups")).split()
    assert [name for name in made if not re.fullmatch(r".+-\d{8}T\d{6}Z\.bson\.gz", name)] == []
    assert "is whole" in deployment.invoke("admin", "rehearse")
    assert re.search(
        r"(?m)^backup_completed_timestamp_seconds 1\.", until(lambda: deployment.http.get("/metrics").text)
    )
    deployment.invoke("up", BACKUP_EVERY="0")
    assert deployment.containers("backup") == []
    deployment.invoke("up")
    assert deployment.containers("backup")


def test_operators_commands_run_in_a_container_and_through_pipes(deployment: Deployment) -> None:
    """The bytes of a backup are the same behind two programs, and a command's exit code is the container's."""
    check(deployment, [(kind, kind.make(deployment)) for kind in KINDS])
    assert "The indexes are as declared." in deployment.invoke("admin", "indexes --check")
    command = [sys.executable, "-m", "invoke", "admin"]
    environ = {**os.environ, "COMPOSE_PROJECT_NAME": deployment.name}
    saved = subprocess.run([*command, "backup -"], cwd=deployment.root, env=environ, capture_output=True, check=False)
    assert saved.returncode == 0, saved.stderr
    refused = subprocess.run(
        [*command, "restore -"], cwd=deployment.root, env=environ, input=saved.stdout, capture_output=True, check=False
    )
    assert (refused.returncode, b"--yes" in refused.stderr) == (1, True), refused.stderr
