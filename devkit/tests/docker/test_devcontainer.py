"""The container of development is built as editors build it, and runs the product as its user."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, docker

pytestmark = pytest.mark.deploy
FOLDER = ".devcontainer"
# What a machine behind a proxy, or with a mirror, hands on.
HANDED_ON = re.compile(r"(https?|no)_proxy|PIP_INDEX_URL|PYPI_INDEX_URL|UV_(DEFAULT_)?INDEX(_URL)?", re.IGNORECASE)


def configuration() -> dict[str, Any]:
    """Return what an editor reads; the comments stand in lines of their own."""
    text = (ROOT / FOLDER / "devcontainer.json").read_text(encoding="utf-8")
    return dict(json.loads(re.sub(r"(?m)^\s*//.*$", "", text)))


@pytest.fixture
def name() -> Iterator[str]:
    """The name of the image and of its volumes, which are removed in the end."""
    made = f"test{secrets.token_hex(4)}"
    yield made
    if volumes := docker("volume", "ls", "--quiet", "--filter", f"name={made}").split():
        docker("volume", "rm", *volumes)
    if docker("image", "ls", "--quiet", made):
        docker("image", "rm", "--force", made)


@pytest.fixture
def workspace(clone: Path, tmp_path: Path) -> Path:
    """A copy that belongs to the container's user, as editors see to it."""
    copy = Path(shutil.copytree(clone, tmp_path / "workspace", symlinks=True, ignore=shutil.ignore_patterns(".venv*")))
    (copy / ".env.local").unlink(missing_ok=True)
    if os.geteuid() == 0:
        for path in (copy, *copy.rglob("*")):
            os.chown(path, 1000, 1000, follow_symlinks=False)
    return copy


def test_it_is_built_and_runs_the_product_as_its_user(
    workspace: Path, name: str, request: pytest.FixtureRequest
) -> None:
    asked = configuration()
    folder = workspace / FOLDER
    base = os.environ.get("PYTHON_IMAGE")
    if request.config.getoption("--bases"):
        base = request.getfixturevalue("deployment").settings["PYTHON_IMAGE"]
    handed_on = [f"{key}={value}" for key, value in os.environ.items() if HANDED_ON.fullmatch(key)]
    arguments = [*handed_on, *[f"PYTHON_IMAGE={base}"] * bool(base)]
    bundle = os.environ.get("SSL_CERT_FILE", os.devnull)
    build = ["build", "--quiet", "--network", "host", "--tag", name, "--secret", f"id=extra_ca,src={bundle}"]
    build += ["--file", str(folder / asked["build"]["dockerfile"])]
    docker(*build, *options("--build-arg", arguments), str(folder / asked["build"]["context"]))

    known = {"${localWorkspaceFolder}": str(workspace), "${localWorkspaceFolderBasename}": name}
    mounts = [replaced(each, known) for each in (asked["workspaceMount"], *asked["mounts"])]
    run = ["run", "--rm", "--network", "host", "--user", asked["remoteUser"], "--workdir", asked["workspaceFolder"]]
    run += [*options("--mount", mounts), *options("--env", [*handed_on, "NO_COLOR=1"])]
    if bundle != os.devnull:
        run += ["--volume", f"{bundle}:{bundle}:ro", *options("--env", [f"SSL_CERT_FILE={bundle}"])]
    port = "MONGO_PORT=27917"
    tried = f"{asked['postCreateCommand']} && {port} invoke db-up --only mongo && {port} invoke db-down && which gdb"
    said = docker(*run, name, "bash", "-c", tried)
    assert said.endswith("gdb")
    assert (workspace / ".env.local").stat().st_uid == 1000
    # What was made for the container does not reach the host.
    assert list((workspace / ".venv").iterdir()) == []


def options(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def replaced(text: str, known: dict[str, str]) -> str:
    for variable, value in known.items():
        text = text.replace(variable, value)
    return text
