"""The API of the product: it starts, and its routes are as well guarded as all."""

import os
import re
import subprocess
import sys

import httpx2
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from common.config import Settings
from testing.servers import unused_ports
from testing.waiting import eventually
from web.request_guards import SAFE


def test_an_app_is_made_where_no_server_is(offline_settings: Settings) -> None:
    app = create_app(offline_settings)
    assert app.test_client().get("/version").status_code == 200


def unsafe_routes(app: APIFlask) -> list[tuple[str, str]]:
    """The method and an address of each route that changes something."""
    return [
        (method, re.sub("<[^>]*>", "0" * 24, rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - SAFE)
    ]


def test_every_route_that_changes_something_refuses_another_site(offline_app: APIFlask, offline: FlaskClient) -> None:
    for method, path in unsafe_routes(offline_app):
        answer = offline.open(path, method=method, headers={"Sec-Fetch-Site": "cross-site"})
        assert (method, path, answer.status_code) == (method, path, 403)


def test_no_route_is_served_under_another_spelling(offline_app: APIFlask, offline: FlaskClient) -> None:
    for rule in offline_app.url_map.iter_rules():
        path = re.sub("<[^>]*>", "0" * 24, rule.rule)
        for spelled in (f"/{path}", f"/.{path}", f"{path}/."):
            answer = offline.get(path, environ_overrides={"RAW_URI": spelled})
            assert (spelled, answer.status_code) == (spelled, 404)


def started(environ: dict[str, str], folder: str) -> subprocess.CompletedProcess[str]:
    code = "import api.wsgi; print(api.wsgi.app.test_client().get('/version').text)"
    coverage = {key: value for key, value in os.environ.items() if key.startswith(("COV", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=coverage | environ, capture_output=True, text=True, check=False
    )


@pytest.mark.integration
def test_the_entry_point_reads_the_environment(tmp_path: os.PathLike[str]) -> None:
    done = started({"PROJECT": "sample", "VERSION": "9.9.9"}, os.fspath(tmp_path))
    assert (done.returncode, done.stdout.strip()) == (0, '{"name":"sample","version":"9.9.9"}'), done.stderr


@pytest.mark.integration
def test_it_is_what_the_server_serves_unless_it_is_told_otherwise(tmp_path: os.PathLike[str]) -> None:
    (port,) = unused_ports(1)
    own = {**os.environ, "ENVIRONMENT": "test", "PROJECT": "sample", "API_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "web.serve"], env=own, cwd=tmp_path)
    try:
        eventually(lambda: name_at(port) == "sample")
    finally:
        process.terminate()
        process.wait(20)


def name_at(port: int) -> str:
    """The name that an API tells; nothing while it does not answer."""
    try:
        return str(httpx2.get(f"http://127.0.0.1:{port}/version", trust_env=False, verify=False).json()["name"])
    except httpx2.TransportError:
        return ""


@pytest.mark.integration
@pytest.mark.parametrize("environ", [{"ENVIRONMENT": "production"}, {"API_PORT": "0"}])
def test_the_entry_point_refuses_settings_that_are_not_usable(
    tmp_path: os.PathLike[str], environ: dict[str, str]
) -> None:
    done = started(environ, os.fspath(tmp_path))
    assert done.returncode != 0
    assert "The settings are not usable" in done.stderr
