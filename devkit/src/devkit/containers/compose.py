"""Docker Compose as this project uses it: which files, under which name, with which settings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from devkit import ROOT, env, local_secrets
from devkit.containers import certificates
from devkit.extensions import extensions
from devkit.git import asked
from devkit.private_files import write_private
from devkit.servers.selection import SERVERS as SERVER_KINDS
from devkit.servers.selection import needed_names
from devkit.servers.server import Context
from devkit.terminal import CommandError

_FOLDER = ROOT / "docker"
# One file for each server, and for what stands beside the services, so that each goes with its file.
SERVERS = tuple(sorted(_FOLDER.glob("servers/*.yml")))
SERVER_NAMES = tuple(path.stem for path in SERVERS)
_PARTS = tuple(sorted(set(_FOLDER.glob("*/*.yml")) - set(SERVERS)))
PROJECT = (_FOLDER / "project.yml", *_PARTS, *SERVERS)
# `include` and `depends_on: required` came with it.
MINIMUM = (2, 20)
_INSTALL = "https://docs.docker.com/compose/install/, or your system's package docker-compose-plugin"
# Seconds between a stop's request and its kill that a service needs beside the time that its setting gives it.
_STOP_MARGIN = 20
# The ends of settings that name files of TLS.
_TLS_FILES = ("_CA_FILE", "_CERT_FILE")


@dataclass(frozen=True)
class Compose:
    """Docker Compose with some of our files. `settings` are all settings, the process environment included."""

    settings: Mapping[str, str]
    files: Sequence[Path] = PROJECT
    profiles: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """What containers, volumes and the network are named after: COMPOSE_PROJECT_NAME, or the project."""
        return self.settings.get("COMPOSE_PROJECT_NAME") or env.project(self.settings)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of one of Compose's own commands."""
        profiles = [word for profile in self.profiles for word in ("--profile", profile)]
        # In a log, a line for each state of each container is noise; a build's output says why it failed.
        quiet = [] if sys.stderr.isatty() or arguments[0] == "build" else ["--progress", "quiet"]
        names = ["--project-name", self.name, "--project-directory", str(_FOLDER)]
        names += [word for file in self.files for word in ("--file", str(file))]
        return ["docker", "compose", *quiet, *names, *profiles, *arguments]

    @cached_property
    def environ(self) -> dict[str, str]:
        """Return the environment with every variable that the files name; ask git and write a file, once."""
        full, tag = revision()
        known = env.read(ROOT / ".env")
        graces = [env.seconds(self.settings, name) for name in known if name.endswith("_STOP_GRACE")]
        computed = {
            "REVISION": full,
            "REVISION_TAG": tag,
            # Checked before a container is started that would refuse it.
            "BACKUP_EVERY": str(every := _whole(self.settings, "BACKUP_EVERY")),
            "BACKUP_KEEP": str(_whole(self.settings, "BACKUP_KEEP", least=1)),
            "BACKUP_REPLICAS": str(int(every > 0)),
            "SETTINGS_FILE": str(self._settings_file()),
            "STOP_GRACE": f"{max(graces, default=0) + _STOP_MARGIN:.0f}s",
            "DOCKER_BUILDKIT": "1",
        }
        # In the folder of native servers, which need not be there, is kept what the code has told.
        context = Context(ROOT / ".data", self.settings)
        for server in SERVER_KINDS.values():
            computed |= server(context).variables
        if self.files == SERVERS:
            # Seen from there, the services of the project's file would be orphans.
            computed["COMPOSE_IGNORE_ORPHANS"] = "true"
        computed |= certificates.variables(self.settings, SERVER_NAMES)
        # Settings that name files; containers get what these hold.
        given = {**self.settings, **computed}
        named = [name for name in known if name.endswith(_TLS_FILES) and given.get(name)]
        files = {name: _readable(name, ROOT / Path(given[name]).expanduser()) for name in named}
        computed |= {name: str(path) for name, path in files.items()}
        computed["AUTHORITIES"] = certificates.digest(files.values())
        if self.files == PROJECT:
            for part in extensions("beside"):
                computed |= part.variables(self.settings)
        return {**self.settings, **computed}

    def _settings_file(self) -> Path:
        """Write what the services run with: every setting of the files, the process environment winning as anywhere."""
        names = {name: None for file in env.FILES for name in env.read(ROOT / file)}
        secrets = set(local_secrets.names())
        shown = [name for name in names if name not in secrets and not name.endswith("_HASH")]
        lines = [f"{name}={_quoted(self.settings[name])}" for name in shown]
        path = ROOT / ".data" / "run" / "containers.env"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, "\n".join([*lines, ""]))
        return path

    def run(self, *arguments: str) -> None:
        """Run one of Compose's commands; what it prints is what people see. Raises when it fails."""
        code = subprocess.run(self.command(*arguments), cwd=ROOT, env=self.environ, check=False).returncode
        if code:
            raise CommandError(f"`docker compose {arguments[0]}` failed; its message above says why.", code=code)

    def ask(self, *arguments: str) -> str:
        """Run one of Compose's commands and return what it prints. Raises with its message when it fails."""
        done = subprocess.run(
            self.command(*arguments), cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CommandError(f"`docker compose {arguments[0]}` failed: {done.stderr.strip()}")
        return done.stdout

    def containers(self) -> list[dict[str, Any]]:
        """Return what Compose knows of the containers that exist: Service, ID, Name, State, Health and more."""
        text = self.ask("ps", "--all", "--format", "json").strip()
        # Before 2.21 one array, after it a line for each container.
        containers = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
        return list(containers)

    def running(self) -> set[str]:
        """Return the services that have a running container."""
        return {container["Service"] for container in self.containers() if container["State"] == "running"}


def configured() -> Compose:
    """Return Compose with the present settings. Raises CommandError when a secret or Compose is missing."""
    settings = env.settings()
    refuse_without_secrets(settings)
    refuse_without_compose()
    return Compose(settings, profiles=needed_names(settings))


def running() -> Compose:
    """Return Compose for commands that need an engine. Raises CommandError when none answers."""
    compose = configured()
    refuse_without_engine()
    return compose


def refuse_without_secrets(settings: Mapping[str, str]) -> None:
    """Raise naming every secret that is missing; Compose itself names the first only."""
    if missing := [key for key in local_secrets.names() if not settings.get(key)]:
        raise CommandError(f"not set: {', '.join(missing)}. Run `invoke install`, or set them in .env.local.")


def refuse_without_compose() -> None:
    """Raise unless Docker's command and Compose 2.20 or newer are there."""
    if shutil.which("docker") is None:
        raise CommandError("docker was not found: install Docker Engine with Compose v2, or use DB_BACKEND=native.")
    version = _first_line("docker", "compose", "version", "--short")
    if version is None:
        old = "docker-compose v1 is there and is not supported. " if shutil.which("docker-compose") else ""
        raise CommandError(f"{old}Docker Compose v2 was not found: {_INSTALL}.")
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < MINIMUM:
        raise CommandError(f"Docker Compose {version} is too old, 2.20 is needed: {_INSTALL}.")


def refuse_without_engine() -> None:
    """Raise unless Docker, Compose 2.20 or newer and a running engine are there."""
    refuse_without_compose()
    if _first_line("docker", "version", "--format", "{{.Server.Version}}") is None:
        raise CommandError(
            "the container engine does not answer: start Docker (`sudo systemctl start docker`, or Docker Desktop), "
            "and see that your user may use it (`sudo usermod -aG docker $USER`, then log in anew)."
        )


def publisher(port: int) -> str:
    """Return the name of the container that a port of this machine leads to; empty when there is none."""
    return _first_line("docker", "ps", "--filter", f"publish={port}", "--format", "{{.Names}}") or ""


def _first_line(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else None


def revision() -> tuple[str, str]:
    """Return the full id of the commit that an image is built from, and a short tag.

    `-dirty` says that there is more than was committed; both are `unknown` outside of a git repository.
    """
    if not (commit := asked("rev-parse", "HEAD")):
        return "unknown", "unknown"
    dirty = "-dirty" if asked("status", "--porcelain") else ""
    return f"{commit}{dirty}", f"{commit[:12]}{dirty}"


def _whole(settings: Mapping[str, str], key: str, *, least: int = 0) -> int:
    """Return a setting that must be a whole number."""
    value = env.required(settings, key)
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) < least:
        raise CommandError(f"{key}={value} is no whole number of at least {least}: set one in .env.local.")
    return int(value)


def _quoted(value: str) -> str:
    """Return a value as Compose reads it back from a settings file, without taking a `$` for a variable."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" if value else ""


def _readable(name: str, path: Path) -> Path:
    if not path.is_file():
        raise CommandError(f"{name}: there is no file {path}.")
    return path
