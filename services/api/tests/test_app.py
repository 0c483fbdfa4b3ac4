import os
import subprocess
import sys

import pytest

from api.app import create_app
from common.config import Settings


def test_an_app_is_made_where_no_server_is(offline_settings: Settings) -> None:
    app = create_app(offline_settings)
    assert app.test_client().get("/version").status_code == 200


def test_two_apps_do_not_share_their_settings(offline_settings: Settings) -> None:
    apps = [create_app(offline_settings.model_copy(update={"version": version})) for version in ("1.0.0", "2.0.0")]
    versions = [app.test_client().get("/version").get_json()["version"] for app in apps]
    assert versions == ["1.0.0", "2.0.0"]


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
@pytest.mark.parametrize("environ", [{"ENVIRONMENT": "production"}, {"API_PORT": "0"}])
def test_the_entry_point_refuses_settings_that_are_not_usable(
    tmp_path: os.PathLike[str], environ: dict[str, str]
) -> None:
    done = started(environ, os.fspath(tmp_path))
    assert done.returncode != 0
    assert "The settings are not usable" in done.stderr
