"""The images of a version, as the last step of its release."""

from __future__ import annotations

import sys

from devkit import env
from devkit.containers.compose import Compose, refuse_without_engine
from devkit.containers.images import SERVICES, has_registry, reference, remove
from devkit.signals import StopRequest, run_stoppable
from devkit.steps import Artifacts, Step
from devkit.terminal import CommandError


def of_version(version: str, stop: StopRequest) -> Artifacts:
    """Return how the images of a version are built and pushed; raises when there is nothing to build them with."""
    try:
        refuse_without_engine()
    except CommandError as error:
        raise CommandError(f"{error}\n`--no-build` releases without images.") from error
    compose = Compose({**env.settings(), "VERSION": version})
    images = [reference(compose, service) for service in SERVICES]
    publishing = ["  invoke push"]
    if not has_registry(compose.settings.get("IMAGE_PREFIX", "")):
        publishing.append("The images have no registry in their names: IMAGE_PREFIX in .env gives them one.")
    return Artifacts(Step(f"build {' and '.join(images)}", lambda: _build(stop), lambda: remove(images)), publishing)


def _build(stop: StopRequest) -> None:
    # By a process of its own, for VERSION is another one since this one has read the settings.
    if run_stoppable((sys.executable, "-m", "devkit", "build"), stop):
        raise CommandError("the images could not be built; the message above says why.")
