"""What an image holds, as a bill of materials: `dist/NAME-VERSION.cdx.json`, in CycloneDX.

It names the locked packages that are installed on the image's system, and ours. Repeated for the same commit it has the
same bytes. What the base image brings is not listed, only the base image's name.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.markers import Marker

from devkit import ROOT, env, lock
from devkit.bootstrap import packages
from devkit.containers.compose import Compose, revision
from devkit.git import asked
from devkit.locked import Locked, entries
from devkit.terminal import CommandError

FOLDER = ROOT / "dist"
# What tells a lock which of its packages are for a system, asked in the image itself.
_SYSTEM = """
import json, os, platform, sys
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": platform.python_version(),
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": "",
    "platform_system": platform.system(),
    "platform_version": "",
    "python_full_version": platform.python_version(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "sys_platform": sys.platform,
}))
"""


@dataclass(frozen=True)
class Image:
    """An image of a service: its name without a tag, its version, the commit and the base that it was built from."""

    service: str
    name: str
    version: str
    revision: str
    base: str


def path(compose: Compose, service: str) -> Path:
    """Return where the bill of a service's image is written."""
    settings = compose.settings
    return FOLDER / f"{env.project(settings)}-{service}-{env.required(settings, 'VERSION')}.cdx.json"


def write(compose: Compose, service: str, reference: str) -> Path:
    """Write the bill of an image that was built, and return where. Raises CommandError where it has no Python."""
    settings = compose.settings
    name, _, version = reference.rpartition(":")
    image = Image(service, name, version, revision()[0], env.required(settings, "PYTHON_IMAGE"))
    written = path(compose, service)
    written.parent.mkdir(exist_ok=True)
    written.write_text(bill(image, _system(reference), _when()), encoding="utf-8")
    return written


def bill(image: Image, system: Mapping[str, str], when: datetime) -> str:
    """Return the bill of an image on a system, given as the variables of PEP 508, and the time that it carries."""
    project = ROOT / "services" / image.service
    root = Component(
        name=image.name,
        version=image.version,
        type=ComponentType.CONTAINER,
        bom_ref="image",
        properties=[Property(name="revision", value=image.revision), Property(name="base image", value=image.base)],
    )
    text = (ROOT / "requirements" / f"{image.service}.txt").read_text(encoding="utf-8")
    components = [*_of_system(entries(text), system), *_own(project, image.version)]
    identity = [
        image.name,
        image.version,
        image.revision,
        image.base,
        *sorted(each.bom_ref.value or "" for each in components),
    ]
    made = Bom(
        components=components,
        metadata=BomMetaData(component=root, timestamp=when),
        serial_number=uuid5(NAMESPACE_URL, "\n".join(identity)),
    )
    made.register_dependency(root, components)
    return JsonV1Dot6(made).output_as_string(indent=2) + "\n"


def _of_system(locked: Iterable[Locked], system: Mapping[str, str]) -> Iterator[Component]:
    """Yield what is locked for a system, each with the hashes of all its files."""
    for each in locked:
        if not each.marker or Marker(each.marker).evaluate(dict(system)):
            url = PackageURL("pypi", name=each.name, version=each.version)
            files = ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(f"https://pypi.org/simple/{each.name}/"),
                comment="the files of any of these hashes, from whatever index",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in each.hashes],
            )
            yield Component(
                name=each.name,
                version=each.version,
                purl=url,
                bom_ref=url.to_string(),
                external_references=[files],
            )


def _own(project: Path, version: str) -> Iterator[Component]:
    """Yield our own packages that are in the image of a service; no index has them."""
    for folder in lock.with_own(project, packages()):
        name = lock.distribution(folder)
        yield Component(name=name, version=version, bom_ref=f"{name}@{version}")


def _system(reference: str) -> dict[str, str]:
    """Return what an image's Python tells of the system that it runs on."""
    command = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "python", reference, "-c", _SYSTEM)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{reference} does not run, so what it holds cannot be listed: {done.stderr.strip()}")
    system: dict[str, str] = json.loads(done.stdout)
    return system


def _when() -> datetime:
    """Return the time of the commit, so that nothing depends on when it is built; without git it is now."""
    return datetime.fromtimestamp(int(asked("log", "-1", "--format=%ct") or time.time()), UTC)
