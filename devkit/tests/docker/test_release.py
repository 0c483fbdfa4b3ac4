"""A release builds its images, and a failed one leaves none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit import local_secrets
from testing.strong import strong

from .conftest import COMMITTED, IMAGES, Deployment, docker

pytestmark = pytest.mark.deploy

VERSION = "999.1.0"


@pytest.fixture
def released(deployment: Deployment, tmp_path: Path) -> Path:
    """A repository to release from, with the settings of the deployment."""
    root = tmp_path / "repository"
    git(tmp_path, "clone", "--quiet", str(deployment.root), str(root))
    (root / ".env.local").write_text((deployment.root / ".env.local").read_text())
    for key, value in (("user.name", "Ada Somebody"), ("user.email", "ada@work.example")):
        git(root, "config", key, value)
    return root


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def release(root: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    branch = git(root, "branch", "--show-current")
    return subprocess.run(
        [sys.executable, "-m", "devkit", "release", "--version", VERSION, "--no-test", "--branch", branch],
        cwd=root,
        # The copy releases itself; the installed package would release the repository that it is from.
        env={**os.environ, "PYTHONPATH": str(root / "devkit" / "src"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def images(prefix: str) -> list[str]:
    return docker("image", "ls", "--quiet", "--filter", f"reference={prefix}*:{VERSION}").split()


def test_a_release_builds_images_of_its_version_and_commit(deployment: Deployment, released: Path) -> None:
    done = release(released)
    assert done.returncode == 0, done.stdout + done.stderr
    prefix = deployment.settings["IMAGE_PREFIX"]
    head = git(released, "rev-parse", "HEAD")
    for service in IMAGES:
        image = f"{prefix}{COMMITTED['PROJECT']}-{service}:{VERSION}"
        labels = json.loads(docker("image", "inspect", image))[0]["Config"]["Labels"]
        assert labels["org.opencontainers.image.version"] == VERSION
        assert labels["org.opencontainers.image.revision"] == head
    assert "\n  invoke push\n" in done.stdout
    ask = "get('/version', headers={'Host': 'localhost'}).json['version']"
    look = f"from api.wsgi import app; print(app.test_client().{ask})"
    environ = [word for name in local_secrets.names() for word in ("--env", f"{name}={strong(name)}")]
    image = f"{prefix}{COMMITTED['PROJECT']}-api:{VERSION}"
    assert docker("run", "--rm", "--network", "none", *environ, image, "python", "-c", look) == VERSION
    docker("image", "rm", "--force", *set(images(prefix)))


def test_a_release_whose_images_fail_leaves_everything_as_it_was(deployment: Deployment, released: Path) -> None:
    before = git(released, "rev-parse", "HEAD")
    done = release(released, PYTHON_IMAGE="no-such-image.invalid/x:1")
    assert done.returncode == 1
    assert "images could not be built" in done.stderr
    assert git(released, "rev-parse", "HEAD") == before
    assert f"v{VERSION}" not in git(released, "tag").split()
    assert not git(released, "status", "--porcelain")
    assert not images(deployment.settings["IMAGE_PREFIX"])
