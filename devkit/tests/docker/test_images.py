"""What is in the images, and what is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from devkit import venv

from .conftest import COMMITTED, IMAGES, ROOT, Deployment, docker

pytestmark = pytest.mark.deploy

# What lists all that a build puts into an image.
_FILES = """
import hashlib, os
for folder, _, names in os.walk("/opt/app"):
    for path in [folder, *(f"{folder}/{name}" for name in names)]:
        about = os.lstat(path)
        is_link = os.path.islink(path)
        content = os.readlink(path).encode() if is_link else open(path, "rb").read() if os.path.isfile(path) else b""
        print(f"{about.st_mode:o} {about.st_uid} {hashlib.sha256(content).hexdigest()} {path}")
"""
ON_EACH = pytest.mark.parametrize("service", IMAGES)


def inside(deployment: Deployment, service: str, *command: str) -> str:
    """Return what a command in a fresh container of an image prints."""
    options = ("--rm", "--network", "none", "--entrypoint", command[0])
    return docker("run", *options, deployment.image(service), *command[1:])


@ON_EACH
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


@ON_EACH
def test_the_user_is_not_root_and_owns_nothing(deployment: Deployment, service: str) -> None:
    assert inside(deployment, service, "id", "-u") == "10001"
    look = (
        "import os; print(*(f for d, _, n in os.walk('/opt/app') for f in (d, *n) if os.access(f'{d}/{f}', os.W_OK)))"
    )
    assert not inside(deployment, service, "python", "-c", look)


@ON_EACH
def test_nothing_that_only_the_build_needs_is_there(deployment: Deployment, service: str) -> None:
    names = ("gcc", "cc", "uv", "hatch", "hatchling", "pytest", "conftest.py", "mypy", "ruff", "invoke")
    wanted = [word for name in names for word in ("-o", "-name", name)][1:]
    assert not inside(deployment, service, "find", "/opt", "/usr/bin", "/usr/local/bin", *wanted)
    assert not inside(deployment, service, "find", "/opt/app", "-path", "*/site-packages/testing*")
    assert not inside(deployment, service, "find", "/opt/app/bin", "-name", "pip*")


@ON_EACH
def test_all_code_is_compiled(deployment: Deployment, service: str) -> None:
    count = "find /opt/app/lib -name '*.py' | wc -l; find /opt/app/lib -name '*.pyc' | wc -l"
    sources, compiled = inside(deployment, service, "sh", "-c", count).split()
    assert int(sources) == int(compiled) > 500


def carried(deployment: Deployment, service: str, *names: str) -> str:
    """Return which of some packages are in an image."""
    look = f"import importlib.util as u; print(*(name for name in {names} if u.find_spec(name)))"
    return inside(deployment, service, "python", "-c", look)


@ON_EACH
def test_a_service_carries_its_own_code_and_none_of_the_others(deployment: Deployment, service: str) -> None:
    assert carried(deployment, service, *IMAGES, "devkit", "testing") == service


def test_what_operators_run_carries_nothing_that_only_the_api_needs(deployment: Deployment) -> None:
    assert carried(deployment, "admin", "apiflask", "offapi", "web") == ""


def refused(deployment: Deployment, service: str, **settings: str) -> str:
    """Return what an image says that is started with these settings alone; it must not start."""
    own = [word for pair in settings.items() for word in ("--env", "=".join(pair))]
    command = ["docker", "run", "--rm", *own, deployment.image(service)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr


@ON_EACH
def test_an_image_refuses_to_start_without_secrets_and_names_them(deployment: Deployment, service: str) -> None:
    said = refused(deployment, service)
    for name in ("SECRET_KEY", "MONGO_PASSWORD"):
        assert f"{name}: is missing" in said
    assert "Traceback" not in said


@ON_EACH
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


@ON_EACH
def test_all_that_is_locked_but_the_mongodb_driver_has_wheels_for_alpine(service: str, tmp_path: Path) -> None:
    # The driver is built there; without a compiler it is slower Python.
    command = [venv.program("uv", mend="invoke install"), "pip", "install", "--dry-run", "--quiet", "--require-hashes"]
    command += ["--python-platform", "x86_64-unknown-linux-musl", "--python-version", "3.13"]
    # Nothing is installed, but a lock is written there.
    command += ["--target", str(tmp_path / "nowhere")]
    command += ["--only-binary", ":all:", "--no-binary", "pymongo", "--requirements", f"requirements/{service}.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@ON_EACH
def test_its_bill_of_materials_names_what_is_installed_there(deployment: Deployment, service: str) -> None:
    name = f"{COMMITTED['PROJECT']}-{service}-{COMMITTED['VERSION']}.cdx.json"
    bill = json.loads((deployment.root / "dist" / name).read_text(encoding="utf-8"))
    named = {(each["name"], each["version"]) for each in bill["components"]}
    look = "from importlib.metadata import distributions as d; print(*{f'{i.name}=={i.version}' for i in d()})"
    installed = {tuple(each.split("==")) for each in inside(deployment, service, "python", "-c", look).split()}
    assert named == {(canonicalize_name(name), version) for name, version in installed}


def test_a_second_build_of_the_commit_holds_the_same_files(deployment: Deployment) -> None:
    """By name, mode and hash; only times differ."""
    prefix = f"{deployment.name}-again/"
    build = "from devkit.containers.compose import running; running().run('build', '--no-cache', 'admin')"
    environ = {"IMAGE_PREFIX": prefix, "PYTHONPATH": str(deployment.root / "devkit/src")}
    subprocess.run([sys.executable, "-c", build], cwd=deployment.root, env={**os.environ, **environ}, check=True)
    again = deployment.image("admin").replace(deployment.settings["IMAGE_PREFIX"], prefix, 1)
    try:
        first, second = (
            docker("run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", _FILES).splitlines()
            for image in (deployment.image("admin"), again)
        )
    finally:
        docker("image", "rm", "--force", *docker("image", "ls", "--quiet", "--filter", f"reference={prefix}*").split())
    assert sorted(set(first) ^ set(second)) == []
    assert len(first) > 1000
