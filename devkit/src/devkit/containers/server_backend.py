"""DB_BACKEND=docker: the servers in containers, by docker/servers/*.yml; their data lie in volumes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from devkit import ports
from devkit.containers.compose import (
    SERVERS,
    Compose,
    publisher,
    refuse_without_engine,
    refuse_without_secrets,
)
from devkit.diagnosis import Finding
from devkit.history import former_names
from devkit.servers.mongo import Mongo
from devkit.servers.server import Context, Row, Server
from devkit.terminal import CommandError, say

# The settings by which it is not chosen.
NATIVE = {"DB_BACKEND": "native"}


def is_chosen(settings: Mapping[str, str]) -> bool:
    """Return whether the settings ask for it. Raises CommandError where they ask for what is not there."""
    name = settings.get("DB_BACKEND", "native")
    if name not in ("native", "docker"):
        raise CommandError(f"DB_BACKEND={name} does not exist here; set one of these in .env.local: native, docker.")
    return name == "docker"


def up(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Start the servers that do not run as configured, wait until all can be used from this machine, describe them.

    A changed setting, such as a new certificate, replaces a container; its volume stays.
    """
    _refuse_replica_set(context, servers)
    compose = _compose(context, servers)
    before = _running(compose)
    wanted = {f"{server.name.upper()}_PORT": (server.name, server.port) for server in servers}
    refuse_taken_ports(before, wanted)
    names = [server.name for server in servers]
    if missing := [name for name in names if name not in before]:
        say(f"starting {', '.join(missing)} in containers ...")
    compose.run("up", "--detach", "--quiet-pull", "--wait", "--wait-timeout", "300", *names)
    after = _running(compose)
    versions = {server.name: _version(server, context) for server in servers}
    states = {name: "already up" if before.get(name) == after[name] else "replaced" for name in names}
    return _rows(compose, servers, states | dict.fromkeys(missing, "started"), versions)


def down(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Stop and remove the servers' containers; their volumes stay."""
    compose = _compose(context, servers)
    running = compose.running()
    compose.run("rm", "--stop", "--force", *(server.name for server in servers))
    states = {server.name: "stopped" if server.name in running else "not running" for server in servers}
    return _rows(compose, servers, states, {})


def status(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Describe the servers as they are now: `up` only when the container runs and the server really answers."""
    compose = _compose(context, servers)
    running = compose.running()
    states = {}
    for server in servers:
        if server.name not in running:
            held = "" if ports.is_free(server.port) else f"; port held by {ports.owner(server.port)}"
            states[server.name] = f"down{held}"
        else:
            states[server.name] = "up" if server.answers() else "not answering"
    return _rows(compose, servers, states, {})


def reset(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Stop the servers and delete their volumes."""
    rows = down(context, servers)
    project = Compose(context.settings).name
    for server in servers:
        # Compose removes all volumes or none.
        volume = f"{project}_{server.name}"
        if _docker("volume", "ls", "--quiet", "--filter", f"name=^{volume}$"):
            _docker("volume", "rm", volume)
        rows[server.name]["state"] = "deleted"
    return rows


def logs(context: Context, servers: Sequence[Server], *, follow: bool) -> None:
    """Show the last lines of the servers' logs, and with `follow` each new line until interrupted."""
    names = [server.name for server in servers]
    _compose(context, servers).run("logs", "--tail", "50", *["--follow"] * follow, *names)


def place(_context: Context) -> str:
    """Return where the data lie."""
    return "their volumes"


def holder(port: int) -> str:
    """Return whose a port is, when it leads into a container."""
    return f"the container {name}'s" if (name := publisher(port)) else ""


def examine(_wanted: Sequence[Server], _others: Sequence[Server]) -> Iterator[Finding]:
    """Yield whether the engine answers; it looks after the servers."""
    try:
        refuse_without_engine()
    except CommandError as error:
        what, _, mend = str(error).partition(": ")
        yield Finding(what, mend)
    else:
        yield Finding("the container engine answers; `invoke db-status` tells of the servers in it")


def present(_context: Context, servers: Sequence[Server]) -> list[Server]:
    """Return the servers that may have containers or volumes: all."""
    return list(servers)


def about_former(name: str) -> str:
    """Return what becomes of containers, volumes and images when the product has another name."""
    return (
        f"Containers, volumes and images of {name} stay: `PROJECT={name} invoke down` stops the containers; "
        "`invoke up`, and with DB_BACKEND=docker `invoke db-up`, tell how the data in the volumes are moved."
    )


def former(context: Context) -> dict[str, list[str]]:
    """Return the former names whose volume of MongoDB is here while there is nothing in the present one.

    Each comes with the commands that move its data.
    """
    settings = context.settings
    if settings.get("COMPOSE_PROJECT_NAME") or Mongo(context).filled().get(settings["MONGO_DATABASE"]):
        return {}
    volumes = {name: f"{name}_mongo" for name in former_names()}
    found = [name for name in volumes if _docker("volume", "ls", "--quiet", "--filter", f"name=^{volumes[name]}$")]
    # `invoke up` starts containers whatever runs the servers of a developer.
    here = "invoke" if is_chosen(settings) else "DB_BACKEND=docker invoke"
    return {name: _moving(here, name) for name in found}


def _moving(here: str, name: str) -> list[str]:
    there, file = here.replace("invoke", f"PROJECT={name} invoke"), f"backups/{name}.bson.gz"
    return [
        "invoke down",
        f"{there} db-up --only mongo",
        f"{there} db-backup {file}",
        f"{there} db-down",
        f"{here} db-up --only mongo",
        f"{here} db-restore {file} --yes",
    ]


def ended(_context: Context, _servers: Sequence[Server]) -> list[Server]:
    """Return the servers that have ended for good: none, for the engine starts them again."""
    return []


def refuse_taken_ports(running: Collection[str], wanted: Mapping[str, tuple[str, int]]) -> None:
    """Raise when another process than a running service of ours holds a port that one is to be reached by.

    `wanted` has a service and its port by the setting of the port.
    """
    for setting, (service, port) in wanted.items():
        if service not in running:
            ports.refuse_taken(service, port, setting)


def _refuse_replica_set(context: Context, servers: Sequence[Server]) -> None:
    """Raise where what runs outside would look for MongoDB by the name that only containers know it by."""
    if any(server.name == Mongo.name for server in servers) and context.settings.get("MONGO_REPLICA_SET"):
        raise CommandError(
            "the replica set in a container has a name that only containers know: with DB_BACKEND=docker set no "
            "MONGO_REPLICA_SET, neither in .env.local nor in the environment."
        )


def _compose(context: Context, servers: Sequence[Server]) -> Compose:
    refuse_without_secrets(context.settings)
    refuse_without_engine()
    return Compose(context.settings, SERVERS, [server.name for server in servers])


def _running(compose: Compose) -> dict[str, str]:
    """Return the ids of the containers that run, by their services."""
    return {each["Service"]: each["ID"] for each in compose.containers() if each["State"] == "running"}


def _version(server: Server, context: Context) -> str:
    """Wait until a server can be used from here, with the credentials in the settings, and return its version."""
    deadline = time.monotonic() + server.start_timeout
    while (version := server.ready()) is None:
        context.check()
        if time.monotonic() > deadline:
            raise CommandError(f"{server.name} does not answer on port {server.port}: `invoke db-logs` may say why.")
        time.sleep(0.05)
    return version


def _rows(
    compose: Compose, servers: Sequence[Server], states: Mapping[str, str], versions: Mapping[str, str]
) -> dict[str, Row]:
    known = {container["Service"]: container["Name"] for container in compose.containers()}
    return {
        server.name: {
            "state": states[server.name],
            "version": versions.get(server.name, ""),
            "url": server.url,
            "port": server.port,
            "container": known.get(server.name),
            "log": f"invoke db-logs --server {server.name}",
        }
        for server in servers
    }


def _docker(*arguments: str) -> str:
    done = subprocess.run(("docker", *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"`docker {arguments[0]} {arguments[1]}` failed: {done.stderr.strip()}")
    return done.stdout.strip()
