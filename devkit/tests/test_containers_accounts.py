"""In containers too each service is given its own passwords and nobody else's; no server is given a service's."""

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from devkit import ROOT, env, local_secrets
from devkit.containers.compose import Compose
from devkit.servers.private import private_environ
from devkit.servers.selection import SERVERS

SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "project.yml").read_text())["services"]


def secrets_of(environment: dict[str, str]) -> set[str]:
    named = {name for value in environment.values() for name in re.findall(r"\$\{(\w+)", str(value))}
    return named & {*local_secrets.names()}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_its_own_passwords(service: str) -> None:
    found = secrets_of(SERVICES[service]["environment"]) - {"SECRET_KEY"}
    # `MONGO_API_PASSWORD` is of the service `api`; that of operators has no service in its name.
    owners = {name.split("_")[1] for name in found}
    assert len(owners) == 1
    assert (owners == {"API"}) == (service == "api")
    assert (owners == {"PASSWORD"}) == ("-admin:" in SERVICES[service]["image"])
    assert "MONGO_ADMIN_PASSWORD" not in found


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_is_given_what_the_commands_compute_of_its_accounts(server: str) -> None:
    own = yaml.safe_load((ROOT / "docker" / "servers" / f"{server}.yml").read_text())["services"][server]
    known = SERVERS[server].password_key.partition("_")[0]
    assert all(name.startswith(known) for name in secrets_of(own["environment"]))
    variables = Compose(env.load(ROOT, private_environ())).environ
    assert variables[{"mongo": "MONGO_RIGHTS"}.get(server, f"{known}_ACCOUNTS")]
