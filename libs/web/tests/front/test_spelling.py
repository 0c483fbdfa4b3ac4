"""Every address has one spelling, whatever route it is of: a proxy's rule for it must match all that is served."""

import re
from collections.abc import Callable, Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from testing.offline import nowhere
from web.spelling import is_canonical

from .conftest import Live, running, status_of

VALUES = {"/docs/<name>": "/docs/docs.js", "<id>": "0" * 24}


def encoded(path: str) -> str:
    """The path with a letter encoded that need not be."""
    return re.sub("[a-z]", lambda found: f"%{ord(found[0]):02X}", path, count=1)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "doubled at the beginning": lambda path: "/" + path,
    "doubled in the middle": lambda path: "//".join(path.rsplit("/", 1)),
    "one dot": lambda path: "/." + path,
    "two dots": lambda path: "/x/.." + path,
    "dots at the end": lambda path: path + "/.",
    "encoded dots": lambda path: "/%2E" + path,
    "slash at the end": lambda path: path + "/",
    "encoded slash at the end": lambda path: path + "%2F",
    "encoded slash": lambda path: "/%2F" + path[1:],
    "parameter": lambda path: path + ";x",
    "encoded letter": encoded,
    "encoded letter, small": lambda path: encoded(path).replace("%6D", "%6d").replace("%6F", "%6f"),
    "encoded twice": lambda path: encoded(path).replace("%", "%25"),
    "backslash": lambda path: "/\\" + path[1:],
    "encoded backslash": lambda path: "/%5C" + path[1:],
    "capitals": lambda path: path.upper() if path != path.upper() else path + "X",
    "zero byte": lambda path: path + "%00",
    "blank at the end": lambda path: path + "%20",
    "no slash": lambda path: path[1:],
}


def paths(app: APIFlask) -> list[str]:
    """One path for each route of the app."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name, value in VALUES.items():
            path = path.replace(name, value)
        assert "<" not in path, f"VALUES has no value for {rule.rule}"
        found.add(path)
    return sorted(found - {"/"})


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("spelling")
    environ = {"ENVIRONMENT": "test", **nowhere(), "MONGO_TIMEOUT": "0.1", "API_WORKERS": "1"}
    with running(environ, folder) as started:
        yield started


@pytest.mark.integration
def test_no_route_is_served_under_another_spelling(live: Live, offline_app: APIFlask) -> None:
    wrong = {}
    for path in paths(offline_app):
        for how, spelled in SPELLINGS.items():
            target = spelled(path)
            answer = live.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            if status_of(answer) not in {400, 404} or b"\r\nlocation:" in answer.lower():
                wrong[path, how, target] = answer[:200]
    assert wrong == {}


@pytest.mark.integration
def test_every_route_is_served_under_its_own(live: Live, offline_app: APIFlask) -> None:
    # Without servers some answer that they are away.
    assert {path for path in paths(offline_app) if status_of(live.get(path)) == 404} == set()


@pytest.mark.integration
def test_the_whole_address_as_target_is_that_address(live: Live) -> None:
    # RFC 9112, 3.2.2 has servers accept it; a proxy sees the same path in it.
    assert status_of(live.get("http://localhost/version")) == 200
    assert status_of(live.get("http://localhost//version")) == 404
    assert status_of(live.get("http://localhost/metrics", "X-Forwarded-For: 203.0.113.7")) == 404
    assert status_of(live.get("http://elsewhere/metrics;x")) == 404


@pytest.mark.integration
def test_a_query_is_no_part_of_the_spelling(live: Live) -> None:
    for target in ("/version?", "/version?a=//b", "/version?a=%6d/../x"):
        assert status_of(live.get(target)) == 200


@pytest.mark.parametrize(
    "path", ["//version", "/./version", "/x/../version", "/%76ersion", "/version/.", "/version%2F"]
)
def test_another_spelling_is_a_problem_like_any_other(offline: FlaskClient, path: str) -> None:
    answer = offline.get("/version", environ_overrides={"RAW_URI": path})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    ["/", "/a", "/a/b", "/a.b/...", "/a;b", "/a+b", "/a%2Bb", "/%20", "/%C3%A9", "/a:b@c", "/~a", "/a%25b"],
)
def test_what_is_canonical(path: str) -> None:
    assert is_canonical(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "a", "*", "//", "/a//b", "/a/", "/a//", "/.", "/..", "/a/./b", "/%7e", "/%7E", "/%c3%a9", "/%2f", "/%5C"),
        *("/%", "/%zz", "/é", "/a b", "/a\\b", '/"', "/a?b", "/a#b", "/a\n"),
    ],
)
def test_what_is_not_canonical(path: str) -> None:
    assert not is_canonical(path)
