import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from common.config import Settings


def test_the_page_loads_everything_from_here(offline: FlaskClient) -> None:
    page = offline.get("/docs")
    assert page.mimetype == "text/html"
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert "//" not in page.text.replace("<!doctype", "")
    for link in links:
        if not link.startswith("data:"):
            asset = offline.get(f"/{link}")
            assert asset.status_code == 200
            assert asset.mimetype in {"text/javascript", "application/javascript", "text/css", "application/json"}


def test_the_page_may_load_nothing_from_elsewhere(offline: FlaskClient) -> None:
    policy = offline.get("/docs").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_the_start_script_asks_no_validator(offline: FlaskClient) -> None:
    script = offline.get("/docs/docs.js").text
    assert "validatorUrl: null" in script
    assert "http" not in script.split("SwaggerUIBundle", 1)[1]


@pytest.mark.parametrize("name", ["redoc.js", "__init__.py", "docs.html", "..%2fwsgi.py", "%2e%2e/wsgi.py"])
def test_no_other_file_is_served(offline: FlaskClient, name: str) -> None:
    assert offline.get(f"/docs/{name}").status_code == 404


def test_assets_may_be_cached(offline: FlaskClient) -> None:
    first = offline.get("/docs/swagger-ui.js")
    assert "max-age" in first.headers["Cache-Control"]
    again = offline.get("/docs/swagger-ui.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/docs", "/docs/swagger-ui.js"])
def test_production_has_no_such_page(make: Callable[..., APIFlask], offline_settings: Settings, path: str) -> None:
    settings = offline_settings.model_copy(update={"environment": "production"})
    client = make(settings).test_client()
    assert client.get(path).status_code == 404
    assert client.get("/openapi.json").status_code == 200
