"""Building the images, and bringing them to where they are run from."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from devkit import ROOT, env
from devkit.containers.compose import Compose
from devkit.terminal import CommandError, progress, say

# Each service that has a Dockerfile has an image.
SERVICES = tuple(sorted(path.parent.name for path in ROOT.glob("services/*/Dockerfile")))
_LABEL = '{{index .Config.Labels "org.opencontainers.image.revision"}}'


def build(compose: Compose, service: str = "") -> dict[str, str]:
    """Build the images of all services or of one, tagged with VERSION and with the commit; return them by service."""
    if service and service not in SERVICES:
        raise CommandError(f"no image is built for {service}; there are {', '.join(SERVICES)}.")
    services = [service] if service else SERVICES
    compose.run("build", *services)
    return {name: reference(compose, name) for name in services}


def provide(compose: Compose) -> None:
    """See that this machine has the services' images: pull them when their names have a registry, else build them."""
    missing = [service for service in SERVICES if not _exists(reference(compose, service))]
    if not missing:
        return
    if not has_registry(compose.settings.get("IMAGE_PREFIX", "")):
        say(f"building what is missing: {', '.join(missing)}")
        compose.run("build", *missing)
        return
    for service in missing:
        image = reference(compose, service)
        with progress(f"pulling {image}"):
            done = subprocess.run(("docker", "pull", "--quiet", image), stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise CommandError(f"{image} is neither here nor in its registry: `docker login`, or `invoke build`.")


def push(compose: Compose, tag: str = "") -> None:
    """Push the images of all services to the registry that IMAGE_PREFIX names; all or, where one is missing, none."""
    prefix = compose.settings.get("IMAGE_PREFIX", "")
    if not has_registry(prefix):
        named = f"IMAGE_PREFIX={prefix} names no registry" if prefix else "IMAGE_PREFIX is empty"
        raise CommandError(f"{named}: set it in .env, such as registry.example.com/team/.")
    images = [reference(compose, service, tag) for service in SERVICES]
    if missing := [image for image in images if not _exists(image)]:
        raise CommandError(f"{missing[0]} is not here: `invoke build` builds VERSION and the present commit.")
    for image in images:
        with progress(f"pushing {image}"):
            done = subprocess.run(("docker", "push", "--quiet", image), stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            login = f"`docker login {prefix.partition('/')[0]}`"
            raise CommandError(f"{image} was not pushed: the message above says why; {login} and repeat.")
    print("\n".join(images))


def _exists(image: str) -> bool:
    done = subprocess.run(("docker", "image", "inspect", image), capture_output=True, check=False)
    return done.returncode == 0


def has_registry(prefix: str) -> bool:
    """Tell whether a name leads to a registry; as Docker does, by a dot or a port in its first part."""
    host = prefix.partition("/")[0] if "/" in prefix else ""
    return "." in host or ":" in host or host == "localhost"


def build_bases(compose: Compose) -> None:
    """Build what stands in for the official base and server images, where no registry can be reached."""
    say("building base images from Debian's packages, PyPI and npm; this takes some minutes")
    command = ("sh", "docker/debian/build.sh")
    if code := subprocess.run(command, cwd=ROOT, env=compose.environ, check=False).returncode:
        raise CommandError("the base images could not be built; the message above says why.", code=code)


def reference(compose: Compose, service: str, tag: str = "") -> str:
    """Return the name and tag of a service's image; the tag is VERSION unless another one is given."""
    settings = compose.settings
    name = f"{settings.get('IMAGE_PREFIX', '')}{env.project(settings)}-{service}"
    return f"{name}:{tag or env.required(settings, 'VERSION')}"


def describe(image: str) -> str:
    """Return one line about an image: its name, its size and the commit it was built from."""
    command = ("docker", "image", "inspect", "--format", f"{{{{.Size}}}} {_LABEL}", image)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{image} was not built: {done.stderr.strip()}")
    size, _, commit = done.stdout.strip().partition(" ")
    return f"{image}  {int(size) / 1e6:.0f} MB  from {commit}"


def remove(images: Sequence[str]) -> None:
    """Remove images by their names; those that are not there are no error."""
    command = ("docker", "image", "rm", *images)
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, start_new_session=True)
