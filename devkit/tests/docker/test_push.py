"""Images are pushed to a registry, and the same ones come back from it."""

import httpx2
import pytest

from testing.servers import unused_ports

from .conftest import COMMITTED, IMAGES, Deployment, docker

pytestmark = pytest.mark.deploy


def test_what_was_built_is_pushed_whole_and_comes_back_as_it_was(deployment: Deployment, registry: str) -> None:
    prefix, version = f"{registry}/team/", COMMITTED["VERSION"]
    pushed = [f"{prefix}{COMMITTED['PROJECT']}-{service}:{version}" for service in IMAGES]
    # Nothing of it is built by this name, so not even a part is pushed.
    assert "is not here: `invoke build`" in deployment.invoke("push", code=1, IMAGE_PREFIX=prefix)
    assert catalog(registry) == []
    for service, image in zip(IMAGES, pushed, strict=True):
        docker("tag", deployment.image(service), image)
    try:
        assert deployment.invoke("push", IMAGE_PREFIX=prefix).splitlines()[-len(IMAGES) :] == pushed
        assert catalog(registry) == [f"team/{COMMITTED['PROJECT']}-{service}" for service in IMAGES]
        before = [docker("image", "inspect", "--format", "{{.Id}}", image) for image in pushed]
        docker("image", "rm", *pushed)
        for image in pushed:
            docker("pull", "--quiet", image)
        assert [docker("image", "inspect", "--format", "{{.Id}}", image) for image in pushed] == before
    finally:
        docker("image", "rm", "--force", *pushed)


def test_a_registry_that_is_not_there_is_told_with_what_mends_it(deployment: Deployment) -> None:
    (port,) = unused_ports(1)
    prefix = f"localhost:{port}/"
    images = [f"{prefix}{COMMITTED['PROJECT']}-{service}:{COMMITTED['VERSION']}" for service in IMAGES]
    for service, image in zip(IMAGES, images, strict=True):
        docker("tag", deployment.image(service), image)
    try:
        said = deployment.invoke("push", code=1, IMAGE_PREFIX=prefix)
    finally:
        docker("image", "rm", "--force", *images)
    assert f"{images[0]} was not pushed: " in said
    assert f"`docker login localhost:{port}` and repeat" in said
    assert "Traceback" not in said


def catalog(registry: str) -> list[str]:
    """Return the names of the images that a registry holds."""
    answer = httpx2.get(f"http://{registry}/v2/_catalog", trust_env=False).json()
    return sorted(answer["repositories"])
