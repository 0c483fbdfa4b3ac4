"""Images are pinned to what a real registry says, and those of a registry that is away stay as they are."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from devkit.ports import unused

from .conftest import ROOT

pytestmark = pytest.mark.deploy

INDEX = "application/vnd.oci.image.index.v1+json"


def publish(registry: str, repository: str, tag: str, note: str) -> str:
    """Put an image under a tag, without an engine; return its digest."""
    made = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "annotations": {"note": note}}
    content = json.dumps(made).encode()
    address = f"http://{registry}/v2/{repository}/manifests/{tag}"
    httpx2.put(address, content=content, headers={"Content-Type": INDEX}, trust_env=False).raise_for_status()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what the command needs, to be changed."""
    made = tmp_path / "copy"
    for name in ("devkit/src", "services", "docker"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".env", made)
    return made


def pin(root: Path, code: int, *options: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(root / "devkit/src"), "NO_PROXY": "localhost", "no_proxy": "localhost"}
    command = [sys.executable, "-m", "devkit", "pin", *options]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_tag_gets_the_digest_that_the_registry_says_and_follows_it(root: Path, registry: str) -> None:
    digest = publish(registry, "team/python", "3.13", "first")
    away = f"localhost:{unused()}/mongo:8.0"
    settings, dockerfile = root / ".env", root / "services/api/Dockerfile"
    text, recipe = settings.read_text(encoding="utf-8"), dockerfile.read_text(encoding="utf-8")
    python = text.partition("\nPYTHON_IMAGE=")[2].partition("\n")[0]
    mongo = text.partition("\nMONGO_IMAGE=")[2].partition("\n")[0]
    ours = f"{registry}/team/python:3.13"
    settings.write_text(text := text.replace(python, ours).replace(mongo, away), encoding="utf-8")
    dockerfile.write_text(recipe := recipe.replace(python, ours), encoding="utf-8")
    said = pin(root, 0, "--dry-run")
    assert f"would pin .env: {ours}@{digest}" in said
    assert settings.read_text(encoding="utf-8") == text
    said = pin(root, 1)
    assert f"UNPINNED: {away} in .env: localhost could not be asked: " in said
    assert settings.read_text(encoding="utf-8") == text.replace(ours, f"{ours}@{digest}")
    assert dockerfile.read_text(encoding="utf-8") == recipe.replace(ours, f"{ours}@{digest}")
    newer = publish(registry, "team/python", "3.13", "second")
    pin(root, 1)
    assert settings.read_text(encoding="utf-8") == text.replace(ours, f"{ours}@{newer}")


def test_a_tag_that_the_registry_does_not_have_stays_as_it_is(root: Path, registry: str) -> None:
    settings = root / ".env"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("\nMONGO_IMAGE=", f"\nMONGO_IMAGE={registry}/none:1\nOTHER=")
    settings.write_text(text, encoding="utf-8")
    assert f"UNPINNED: {registry}/none:1 in .env: localhost answered 404" in pin(root, 1)
    assert settings.read_text(encoding="utf-8") == text
