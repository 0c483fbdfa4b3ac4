"""`nox -s audit`: an advisory that is planted is told, and a service that is away is no success."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from devkit import ports
from devkit.apart import ensure_apart

from .conftest import ROOT
from .test_lock import versions

# A small lock, and what is planted for a package of it.
LOCK = ROOT / "requirements" / "build.txt"
PACKAGE, VERSION = next(iter(versions(LOCK).items()))
ADVISORY: dict[str, Any] = {
    "id": "GHSA-planted",
    "aliases": ["CVE-2026-0"],
    "summary": "Planted.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": PACKAGE},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.1"}]}],
        }
    ],
}
Service = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a repository with one small lock."""
    made = tmp_path / "root"
    (made / "requirements").mkdir(parents=True)
    shutil.copy(LOCK, made / "requirements")
    shutil.copy(ROOT / "pyproject.toml", made)
    return made


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    """Makes the server an advisory service that knows this of a package; returns what it is asked about."""

    def serve(package: str = "", known: object = ADVISORY) -> list[tuple[str, str]]:
        asked: list[tuple[str, str]] = []

        def answer(request: Request) -> Response:
            query = json.loads(request.get_data())
            name = query["package"]["name"]
            asked.append((name, query["version"]))
            return Response(json.dumps({"vulns": [known]} if name == package else {}), mimetype="application/json")

        httpserver.expect_request("/v1/query", method="POST").respond_with_handler(answer)
        return asked

    return serve


def audit(root: Path, url: str) -> tuple[int, str]:
    """Return the exit code of the session's program, and what it says."""
    command = [ensure_apart("audit"), str(ROOT / "devkit/programs/audit.py"), str(root), "--url", url]
    environ = {**os.environ, "NO_PROXY": ports.HOST, "no_proxy": ports.HOST}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_an_advisory_about_a_locked_package_is_told_with_its_lock_and_its_fix(
    root: Path, service: Service, httpserver: HTTPServer
) -> None:
    service(PACKAGE)
    code, said = audit(root, httpserver.url_for("/v1/query"))
    assert code == 1
    assert f"{PACKAGE} {VERSION} in build: CVE-2026-0 GHSA-planted: fixed in 999.1" in said.splitlines()


def test_without_one_it_succeeds_and_all_that_is_locked_was_asked_about_for_whatever_machine(
    service: Service, httpserver: HTTPServer
) -> None:
    asked = service()
    code, said = audit(ROOT, httpserver.url_for("/v1/query"))
    assert code == 0, said
    entries = [re.findall(r"(?m)^([a-z0-9-]+)==([^ ]+)", path.read_text()) for path in LOCK.parent.glob("*.txt")]
    assert sorted(asked) == sorted({entry for each in entries for entry in each})
    assert f"0 advisories, {len(asked)} packages asked about" in said


def test_an_advisory_without_a_fix_can_be_accepted_and_is_told_once_nothing_needs_that_any_more(
    root: Path, service: Service, httpserver: HTTPServer
) -> None:
    project = root / "pyproject.toml"
    project.write_text(project.read_text().replace("accepted = []", 'accepted = ["CVE-2026-0", "GHSA-former"]'))
    service(PACKAGE, {**ADVISORY, "affected": [{**ADVISORY["affected"][0], "ranges": []}]})
    code, said = audit(root, httpserver.url_for("/v1/query"))
    assert code == 0, said
    assert "GHSA-former is accepted in pyproject.toml, and nothing is locked any more" in said
    assert "1 accepted" in said


def test_a_service_that_is_away_is_no_success_and_it_says_so(root: Path) -> None:
    code, said = audit(root, f"http://{ports.HOST}:{ports.unused()}/v1/query")
    assert code == 2
    assert "NOT AUDITED: the advisory service could not be asked: " in said
    assert "Connection refused" in said


@pytest.mark.parametrize(("status", "body"), [(503, "{}"), (200, "<html>log in first</html>")])
def test_an_answer_that_is_none_is_no_success(root: Path, httpserver: HTTPServer, status: int, body: str) -> None:
    httpserver.expect_request("/v1/query").respond_with_data(body, status=status)
    code, said = audit(root, httpserver.url_for("/v1/query"))
    assert (code, "NOT AUDITED" in said) == (2, True)
