"""The commands for containers that the documents show, typed as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit import env, local_secrets

from .conftest import Deployment

pytestmark = pytest.mark.deploy


def test_the_commands_in_the_documents_work_as_they_stand_there(deployment: Deployment) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.blocks", "--run", "docker"],
        cwd=deployment.root,
        env={
            **os.environ,
            "COMPOSE_PROJECT_NAME": deployment.name,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    print(done.stdout)
    # One of them was the rotation of passwords.
    settings = env.read(deployment.root / ".env.local")
    names = [name for name in local_secrets.names() if name.endswith("PASSWORD")]
    assert len({settings[name] for name in names}) == len(names)
    # The last of them was `invoke down`.
    deployment.invoke("up")
