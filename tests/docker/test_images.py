"""What is in the images, and what is not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from common import brokers
from devkit import venv

from .conftest import COMMITTED, ROOT, Deployment, docker

pytestmark = pytest.mark.deploy

SERVICES = ("admin", "api", "worker")

# What each image must not hold: the other services, and what only they need.
FOREIGN = {
    "admin": ("api", "worker", "apiflask", "offapi", "devkit", "testing"),
    "api": ("admin", "worker", "devkit", "testing"),
    "worker": ("admin", "api", "flask", "granian", "devkit", "testing"),
}


def inside(deployment: Deployment, service: str, *command: str) -> str:
    """Return what a command in a fresh container of an image prints."""
    options = ("--rm", "--network", "none", "--entrypoint", command[0])
    return docker("run", *options, deployment.image(service), *command[1:])


@pytest.mark.parametrize("service", SERVICES)
def test_the_labels_tell_version_and_commit(deployment: Deployment, service: str) -> None:
    labels = json.loads(docker("image", "inspect", deployment.image(service)))[0]["Config"]["Labels"]
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=deployment.root, capture_output=True, text=True, check=True
    )
    assert labels["org.opencontainers.image.version"] == COMMITTED["VERSION"]
    assert labels["org.opencontainers.image.revision"].removesuffix("-dirty") == commit.stdout.strip()
    tags = docker("image", "ls", "--format", "{{.Tag}}", deployment.image(service).partition(":")[0]).split()
    assert COMMITTED["VERSION"] in tags
    assert commit.stdout[:12] in {tag.removesuffix("-dirty") for tag in tags}


@pytest.mark.parametrize("service", SERVICES)
def test_the_user_is_not_root_and_owns_nothing(deployment: Deployment, service: str) -> None:
    assert inside(deployment, service, "id", "-u") == "10001"
    look = (
        "import os; print(*(f for d, _, n in os.walk('/opt/app') for f in (d, *n) if os.access(f'{d}/{f}', os.W_OK)))"
    )
    assert not inside(deployment, service, "python", "-c", look)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_only_the_build_needs_is_there(deployment: Deployment, service: str) -> None:
    names = ("gcc", "cc", "uv", "hatch", "hatchling", "pytest", "conftest.py", "mypy", "ruff", "invoke")
    wanted = [word for name in names for word in ("-o", "-name", name)][1:]
    assert not inside(deployment, service, "find", "/opt", "/usr/bin", "/usr/local/bin", *wanted)
    assert not inside(deployment, service, "find", "/opt/app", "-path", "*/site-packages/testing*")
    assert not inside(deployment, service, "find", "/opt/app/bin", "-name", "pip*")


@pytest.mark.parametrize("service", SERVICES)
def test_all_code_is_compiled(deployment: Deployment, service: str) -> None:
    count = "find /opt/app/lib -name '*.py' | wc -l; find /opt/app/lib -name '*.pyc' | wc -l"
    sources, compiled = inside(deployment, service, "sh", "-c", count).split()
    assert int(sources) == int(compiled) > 500


@pytest.mark.parametrize(("service", "foreign"), FOREIGN.items())
def test_a_service_carries_its_own_code_and_none_of_the_others(
    deployment: Deployment, service: str, foreign: tuple[str, ...]
) -> None:
    look = f"import importlib.util as u; print(*(name for name in {(service, *foreign)} if u.find_spec(name)))"
    assert inside(deployment, service, "python", "-c", look) == service


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_refuses_to_start_without_secrets_and_names_them(deployment: Deployment, service: str) -> None:
    done = subprocess.run(
        ["docker", "run", "--rm", deployment.image(service)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    for name in ("SECRET_KEY", "MONGO_PASSWORD", brokers.named("").password_key):
        assert f"{name}: is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_of_this_machine_is_in_an_image(deployment: Deployment, service: str) -> None:
    assert not inside(deployment, service, "find", "/opt", "-name", ".env.local")
    assert "PASSWORD" not in docker("history", "--no-trunc", deployment.image(service))


def test_packages_that_the_build_needs_come_from_the_mirror_and_stay_out_of_the_image(deployment: Deployment) -> None:
    mirror = "http://deb.debian.org/debian"
    if os.environ.get("PYTHON_IMAGE", "").endswith("alpine"):
        pytest.skip("Alpine's packages come from Alpine")
    said = deployment.invoke("build", "api", BUILD_PACKAGES="gcc", DEBIAN_MIRROR=mirror, VERSION="0.0.1")
    assert "gcc" in said
    image = deployment.image("api").rpartition(":")[0]
    assert docker("run", "--rm", f"{image}:0.0.1", "sh", "-c", "command -v gcc || echo none") == "none"


@pytest.mark.parametrize("service", SERVICES)
def test_all_that_is_locked_but_the_mongodb_driver_has_wheels_for_alpine(service: str, tmp_path: Path) -> None:
    # The driver is built there; without a compiler it is slower Python.
    command = [venv.program("uv", mend="invoke install"), "pip", "install", "--dry-run", "--quiet", "--require-hashes"]
    command += ["--python-platform", "x86_64-unknown-linux-musl", "--python-version", "3.13"]
    # Nothing is installed, but a lock is written there.
    command += ["--target", str(tmp_path / "nowhere")]
    command += ["--only-binary", ":all:", "--no-binary", "pymongo", "--requirements", f"requirements/{service}.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
