"""What images are pinned to, by what a registry answers; a real registry is asked in docker/."""

import re

import pytest
from pytest_httpserver import HTTPServer

from devkit.containers.pinning import mentions
from devkit.containers.registry import digest, parts
from devkit.mention import AskError

from .conftest import ROOT

DIGEST = f"sha256:{'ab' * 32}"
MANIFEST = "/v2/team/shop/manifests/1.2"


@pytest.mark.parametrize(
    ("image", "meant"),
    [
        ("mongo:8.0", ("registry-1.docker.io", "library/mongo", "8.0")),
        ("mongo", ("registry-1.docker.io", "library/mongo", "latest")),
        ("team/shop:1.2", ("registry-1.docker.io", "team/shop", "1.2")),
        ("docker.io/mongo:8.0", ("registry-1.docker.io", "library/mongo", "8.0")),
        ("ghcr.io/team/shop/api:1.2", ("ghcr.io", "team/shop/api", "1.2")),
        ("localhost:5000/mongo", ("localhost:5000", "mongo", "latest")),
    ],
)
def test_a_name_means_a_registry_a_repository_and_a_tag(image: str, meant: tuple[str, str, str]) -> None:
    assert parts(image) == meant


def image(server: HTTPServer) -> str:
    return f"127.0.0.1:{server.port}/team/shop:1.2"


def test_a_registry_that_wants_a_token_gets_the_one_for_everybody(httpserver: HTTPServer) -> None:
    realm = f'Bearer realm="{httpserver.url_for("/token")}",service="registry",scope="repository:team/shop:pull"'
    wanted = {"service": "registry", "scope": "repository:team/shop:pull"}
    httpserver.expect_ordered_request(MANIFEST, "HEAD").respond_with_data(
        status=401, headers={"WWW-Authenticate": realm}
    )
    httpserver.expect_ordered_request("/token", "GET", query_string=wanted).respond_with_json({"token": "t0ken"})
    httpserver.expect_ordered_request(MANIFEST, "HEAD", headers={"Authorization": "Bearer t0ken"}).respond_with_data(
        headers={"Docker-Content-Digest": DIGEST}
    )
    assert digest(image(httpserver)) == DIGEST
    httpserver.check_assertions()


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (404, {}, "answered 404"),
        (200, {}, "named no digest"),
        (200, {"Docker-Content-Digest": "sha256:short"}, "named no digest"),
        (401, {"WWW-Authenticate": 'Basic realm="registry"'}, "wants an account"),
    ],
)
def test_what_a_registry_does_not_say_is_not_invented(
    httpserver: HTTPServer, status: int, headers: dict[str, str], told: str
) -> None:
    httpserver.expect_request(MANIFEST, "HEAD").respond_with_data(status=status, headers=headers)
    with pytest.raises(AskError, match=told):
        digest(image(httpserver))


def test_every_image_that_a_file_of_ours_names_is_found() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("services/*/Dockerfile")]
    names += [".env", ".devcontainer/Dockerfile", "docker/project.yml", "docker/servers/mongo/Dockerfile"]
    names.append("devkit/src/devkit/forges/templates/gitlab.yml")
    found = {(each.path, each.text) for each in mentions(names)}
    settings = re.findall(r"(?m)^\w+_IMAGE=(\S+)$", (ROOT / ".env").read_text())
    assert {text for path, text in found if path == ".env"} == set(settings)
    assert {path for path, _ in found} == {name for name in names if "/docker/" not in f"/{name}"}
