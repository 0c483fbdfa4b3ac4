"""The bill of materials of an image names what its lock installs there, and nothing else."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.markers import default_environment

from devkit import lock
from devkit.bootstrap import packages
from devkit.containers.images import SERVICES
from devkit.containers.sbom import Image, bill

from .conftest import ROOT

WHEN = datetime(2026, 1, 31, tzinfo=UTC)
LINUX = {**default_environment(), "sys_platform": "linux", "python_full_version": "3.13.5", "python_version": "3.13"}
each_image = pytest.mark.parametrize("service", SERVICES)


def made(service: str, **changes: str) -> str:
    image = Image(service, f"registry.example/team/shop-{service}", "1.2.0", "0" * 40, "python:3.13")
    return bill(image, {**{key: str(value) for key, value in LINUX.items()}, **changes}, WHEN)


def components(text: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(text)["components"]}


@each_image
def test_it_is_what_the_schema_of_cyclonedx_asks_for(service: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made(service)) is None


@each_image
def test_its_components_are_those_of_the_lock_with_their_hashes_and_our_own(service: str) -> None:
    found = components(made(service))
    text = (ROOT / "requirements" / f"{service}.txt").read_text()
    entries = {each.partition("==")[0]: each for each in re.split(r"\n(?=\S)", text)[1:]}
    everywhere = {name for name, entry in entries.items() if " ; " not in entry}
    own = {lock.distribution(folder) for folder in lock.with_own(ROOT / "services" / service, packages())}
    assert everywhere | own <= found.keys() <= entries.keys() | own
    for name in found.keys() - own:
        version = re.split(r"==| ", entries[name])[1]
        assert (found[name]["version"], found[name]["purl"]) == (version, f"pkg:pypi/{name}@{version}")
        (files,) = found[name]["externalReferences"]
        assert {each["content"] for each in files["hashes"]} == set(re.findall(r"sha256:(\w+)", entries[name]))
    assert {found[name]["version"] for name in own} == {"1.2.0"}


@each_image
def test_what_is_locked_for_another_system_alone_is_not_in_it(service: str) -> None:
    linux, windows = (components(made(service, sys_platform=name)).keys() for name in ("linux", "win32"))
    text = (ROOT / "requirements" / f"{service}.txt").read_text()
    assert windows - linux == set(re.findall(r"(?m)^([\w-]+)==\S+ ; sys_platform == 'win32'", text))


def test_it_names_the_image_its_commit_and_its_base() -> None:
    root = json.loads(made("api"))["metadata"]["component"]
    assert (root["name"], root["version"], root["type"]) == ("registry.example/team/shop-api", "1.2.0", "container")
    assert {each["name"]: each["value"] for each in root["properties"]} == {
        "revision": "0" * 40,
        "base image": "python:3.13",
    }


@each_image
def test_made_again_it_has_the_same_bytes(service: str) -> None:
    assert made(service) == made(service)
