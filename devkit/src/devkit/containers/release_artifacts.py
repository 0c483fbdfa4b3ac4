"""The images of a version with their bills of materials, as the last step of its release."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, env
from devkit.containers import sbom
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
    bills = [sbom.path(compose, service) for service in SERVICES]
    publishing = ["  invoke push"]
    if not has_registry(compose.settings.get("IMAGE_PREFIX", "")):
        publishing.append("The images have no registry in their names: IMAGE_PREFIX in .env gives them one.")
    publishing.append(
        f"What they hold, to publish beside them: {' '.join(str(bill.relative_to(ROOT)) for bill in bills)}"
    )
    return Artifacts(
        Step(f"build {' and '.join(images)}", lambda: _build(stop), lambda: _take_back(images, bills)), publishing
    )


def _build(stop: StopRequest) -> None:
    # By a process of its own, for VERSION is another one since this one has read the settings.
    if run_stoppable((sys.executable, "-m", "devkit", "build"), stop):
        raise CommandError("the images could not be built; the message above says why.")


def _take_back(images: Sequence[str], bills: Sequence[Path]) -> None:
    remove(images)
    for bill in bills:
        bill.unlink(missing_ok=True)
