"""Running the services."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml  # type: ignore[import-untyped] # it has no types
from pydantic import BaseModel

import domain
from common import extensions
from common.config import Settings, secrets_of
from common.feature import features_of, sections
from devkit import ROOT, env, local_secrets
from devkit.containers import certificates, server_backend
from devkit.containers.compose import SERVER_NAMES, Compose, refuse_without_engine
from devkit.containers.images import provide
from devkit.extensions import extensions as toolbox_extensions
from devkit.servers.actions import data_folder
from devkit.servers.former import tell_of_former_data
from devkit.servers.selection import SERVERS, needed
from devkit.servers.server import Context
from devkit.terminal import CommandError, say

_MASK = "********"
# Where the logs are of what runs without containers.
_NATIVE_LOGS = (
    "`invoke dev` and `invoke serve` write their logs to .data/log/, and `invoke db-logs` shows those of the servers."
)


def config(compose: Compose) -> None:
    """Print what Compose makes of the files and settings; secrets are masked, for this ends up in logs and tickets."""
    print(masked(compose.ask("config"), compose.settings), end="")


def masked(text: str, settings: Mapping[str, str]) -> str:
    """Return Compose's YAML without the values of secrets, where they stand alone and where they are part of a text."""
    hidden = _secret_names(settings)
    # Compose doubles each dollar. The longest first: one may contain another.
    values = {each for name in hidden if (value := settings.get(name)) for each in (value, value.replace("$", "$$"))}
    shown = _masked(yaml.safe_load(text), hidden, sorted(values, key=len, reverse=True))
    return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True))


def _secret_names(settings: Mapping[str, str]) -> set[str]:
    """Return the settings that are secrets by their type, in the plumbing and in features, or by their name.

    A server's administrator is unknown to the services, so that its password has no type.
    """
    models: list[type[BaseModel]] = [
        Settings,
        *(model for extension in extensions.found() for model in extension.sections),
    ]
    typed = {name.upper() for model in [*models, *sections(features_of(domain))] for name in secrets_of(model)}
    # Certificates with their keys, and digests of passwords.
    computed = {*certificates.secrets(SERVER_NAMES).values(), *(f"{name.upper()}_ACCOUNTS" for name in SERVERS)}
    computed |= {name for part in toolbox_extensions("beside") for name in part.SECRETS}
    return typed | computed | {*local_secrets.names()} | {name for name in settings if name.endswith(("_HASH", "_URL"))}


def _masked(value: Any, hidden: Collection[str], secrets: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _MASK if key in hidden and inner else _masked(inner, hidden, secrets) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner, hidden, secrets) for inner in value]
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, _MASK)
    return value


def up(compose: Compose) -> None:
    """Start what does not run, replace what has changed, and return when all is healthy."""
    port = env.port(compose.settings, "API_PORT")
    ports = {"API_PORT": ("api", port)}
    parts = toolbox_extensions("beside")
    for part in parts:
        ports |= part.ports(compose.settings)
    server_backend.refuse_taken_ports(compose.running(), ports)
    provide(compose)
    compose.run("up", "--detach", "--no-build", "--wait", "--wait-timeout", "300", "--remove-orphans")
    compose.run("ps")
    say(f"the API answers at http://{env.required(compose.settings, 'API_HOST')}:{port}")
    for part in parts:
        for line in part.told(compose.settings):
            say(line)
    context = Context(data_folder(""), {**compose.settings, "TLS": compose.environ["TLS"]})
    tell_of_former_data(context, needed(context), server_backend)


def down(compose: Compose) -> None:
    """Stop and remove all containers, also those of servers that the settings no longer ask for; data stay."""
    Compose(compose.settings, profiles=["*"]).run("down", "--remove-orphans")


def refuse_without_containers() -> None:
    """Raise where there can be no containers, and say where the other logs are."""
    try:
        refuse_without_engine()
    except CommandError as error:
        raise CommandError(f"{error}\n{_NATIVE_LOGS}") from error


def logs(compose: Compose, service: str, *, follow: bool) -> None:
    """Show the end of the logs of all services, each line behind its service's name, or of one, as it wrote them."""
    if not compose.containers():
        raise CommandError(f"there are no containers: `invoke up` starts them. {_NATIVE_LOGS}")
    command = compose.command("logs", "--tail", "100", *["--follow"] * follow)
    command += ["--no-log-prefix", service] if service else []
    if sys.stdout.isatty():
        compose.run(*command[command.index("logs") :])
        return
    with subprocess.Popen(command, cwd=ROOT, env=compose.environ, stdout=subprocess.PIPE, text=True) as reader:
        for line in reader.stdout or ():
            # Some versions of Compose clear lines on what is no terminal.
            print(line.replace("\x1b[2K", ""), end="", flush=True)
    if reader.returncode:
        raise CommandError("`docker compose logs` failed; its message above says why.", code=reader.returncode)


def restart(compose: Compose, service: str) -> None:
    """Restart all services or one, gracefully, and wait until they are healthy again."""
    names = [service] if service else sorted(compose.running())
    if not names:
        raise CommandError("nothing runs: `invoke up` starts it.")
    compose.run("restart", *names)
    compose.run("up", "--detach", "--wait", "--wait-timeout", "300", "--no-deps", "--no-recreate", *names)


def admin(compose: Compose, words: str) -> None:
    """Run one of the operators' commands in a container of its own; standard input and output may be pipes."""
    # A terminal of the container's would change the bytes of a backup.
    without_terminal = ["--no-TTY"] * (not (sys.stdin.isatty() and sys.stdout.isatty()))
    command = compose.command(
        "run", "--rm", "--no-deps", *without_terminal, "admin", *(shlex.split(words) or ["--help"])
    )
    if code := subprocess.run(command, cwd=ROOT, env=compose.environ, check=False).returncode:
        raise CommandError("", code=code)
