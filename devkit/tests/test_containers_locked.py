"""What the compose files allow a container, read without an engine; tests in docker/ look at containers that run."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from devkit import env
from devkit.containers.compose import PROJECT

from .conftest import ROOT

# What would give a container more of the machine than its files and its ports.
OPEN = {
    "privileged",
    "cap_add",
    "devices",
    "network_mode",
    "pid",
    "ipc",
    "userns_mode",
    "cgroup_parent",
    "volumes_from",
}


def services() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each service with an image of its own, and what it is once what it extends is added."""
    (base,) = yaml.safe_load((ROOT / "docker/server.yml").read_text())["services"].values()
    for path in PROJECT:
        for name, own in yaml.safe_load(path.read_text())["services"].items():
            if "image" in own:
                yield name, {**(base if "extends" in own else {}), **own}


ALL = dict(services())
EACH = pytest.mark.parametrize("name", ALL)


@EACH
def test_a_container_can_write_nothing_of_its_own_and_get_no_rights(name: str) -> None:
    service = ALL[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert OPEN & service.keys() == set()


@EACH
def test_a_container_has_limits_and_time_to_end(name: str) -> None:
    service = ALL[name]
    assert service["pids_limit"] > 0
    assert service["mem_limit"]
    assert service["stop_grace_period"]
    assert service["restart"] in {"unless-stopped", "no"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@EACH
def test_a_container_mounts_volumes_and_files_of_this_repository_only(name: str) -> None:
    mounts = [each.partition(":")[0] for each in ALL[name].get("volumes", [])]
    assert [each for each in mounts if not re.match(r"\./|\.\./deploy/|[a-z]+$", each)] == []


@EACH
def test_a_port_is_published_on_this_machine_alone_unless_a_setting_says_otherwise(name: str) -> None:
    settings = env.read(ROOT / ".env")
    for port in ALL[name].get("ports", []):
        setting = re.match(r"\$\{(\w+_HOST):\?\}:", port)
        host = settings[setting[1]] if setting else port.partition(":")[0]
        assert host == "127.0.0.1", port


def test_nobody_in_a_container_is_root() -> None:
    """A server says it in its compose file, a service in its image."""
    images = [path.read_text() for path in ROOT.glob("services/*/Dockerfile")]
    users = [re.findall(r"(?m)^USER (\S+)$", text)[-1] for text in images]
    users += [service["user"] for service in ALL.values() if "build" not in service and "user" in service]
    assert len(users) > len(images) > 0
    assert [user for user in users if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)] == []
