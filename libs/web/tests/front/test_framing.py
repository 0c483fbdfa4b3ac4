"""Half a request is refused, however it is framed, and nothing of it is accepted."""

import time
from collections.abc import Callable, Iterator

import pytest

from common.clients import Clients
from common.config import Settings
from testing.fixtures import drop, new_environ
from testing.resource import RESOURCES
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Live, everything, running, status_of

pytestmark = pytest.mark.integration

JSON = b'{"title":"t","values":[1]}'
PLACES = {
    "json": (b"POST /api/v1/resources HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n", JSON, 201),
}
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def length(size: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % size


def chunk(body: bytes, *, size: int | None = None) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body) if size is None else size, body)


HALVES: dict[str, Callable[[bytes], bytes]] = {
    "no last chunk": lambda body: CHUNKED + chunk(body),
    "half a last chunk": lambda body: CHUNKED + chunk(body) + b"0\r\n",
    "half a last chunk's size": lambda body: CHUNKED + chunk(body) + b"0",
    "half a trailer": lambda body: CHUNKED + chunk(body) + b"0\r\nX-Trailer: 1",
    "a chunk larger than it is": lambda body: CHUNKED + chunk(body, size=len(body) + 20) + b"0\r\n\r\n",
    "a chunk smaller than it is": lambda body: CHUNKED + chunk(body + b"  ", size=len(body)) + b"0\r\n\r\n",
    "a chunk of nonsense": lambda body: CHUNKED + chunk(body) + b"zz\r\n",
    "a longer Content-Length": lambda body: length(len(body) + 1) + body,
    "a longer Content-Length, awaited": lambda body: b"Expect: 100-continue\r\n" + length(len(body) + 1) + body,
    "no last chunk, awaited": lambda body: b"Expect: 100-continue\r\n" + CHUNKED + chunk(body),
    "nothing of its body": lambda body: length(len(body)),
}
WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "chunked": lambda body: CHUNKED + chunk(body[:3]) + chunk(body[3:]) + b"0\r\n\r\n",
    "chunked with a trailer": lambda body: CHUNKED + chunk(body) + b"0\r\nX-Trailer: 1\r\n\r\n",
    "chunked, awaited": lambda body: b"Expect: 100-continue\r\n" + CHUNKED + chunk(body) + b"0\r\n\r\n",
    "Content-Length": lambda body: length(len(body)) + body,
    "Content-Length twice": lambda body: b"Content-Length: %d\r\n" % len(body) + length(len(body)) + body,
    "Content-Length, awaited": lambda body: b"Expect: 100-continue\r\n" + length(len(body)) + body,
}


@pytest.fixture(scope="module")
def accepting(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Clients]]:
    """An API on real servers, and clients of them."""
    environ = new_environ(servers)
    settings = Settings.load(environ, env_files=())
    with Clients(settings) as clients:
        with running(environ, tmp_path_factory.mktemp("framing")) as live:
            yield live, clients
        drop(clients.database.client, settings.mongo_database)


def forget(clients: Clients) -> None:
    for name in clients.database.list_collection_names():
        clients.database[name].delete_many({})


def accepted(clients: Clients) -> int:
    """The number of resources that were stored."""
    return clients.database[RESOURCES.name].count_documents({})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", WHOLE)
def test_a_whole_request_is_accepted(accepting: tuple[Live, Clients], place: str, how: str) -> None:
    live, clients = accepting
    forget(clients)
    head, body, status = PLACES[place]
    with live.connect() as connection:
        connection.sendall(head + b"Connection: close\r\n" + WHOLE[how](body))
        assert status_of(everything(connection)) == status
    assert accepted(clients) == 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", HALVES)
def test_half_a_request_is_refused_when_no_more_comes(accepting: tuple[Live, Clients], place: str, how: str) -> None:
    live, clients = accepting
    forget(clients)
    head, body, _ = PLACES[place]
    assert status_of(live.raw(head + HALVES[how](body), half_close=True)) == 400
    assert accepted(clients) == 0


@pytest.mark.parametrize("place", PLACES)
def test_half_a_request_is_refused_when_its_client_goes_away(accepting: tuple[Live, Clients], place: str) -> None:
    live, clients = accepting
    forget(clients)
    head, body, _ = PLACES[place]
    before = live.log.read_text().count("status=400")
    for how in HALVES.values():
        with live.connect() as connection:
            connection.sendall(head + how(body))
            time.sleep(0.05)
    eventually(lambda: live.log.read_text().count("status=400") == before + len(HALVES))
    assert accepted(clients) == 0


AMBIGUOUS = {
    "two lengths": b"Content-Length: %d\r\nContent-Length: 5\r\n\r\n" % len(JSON),
    "an unknown coding": b"Transfer-Encoding: identical\r\n\r\n",
    "an unknown coding beside chunks": b"Transfer-Encoding: chunked, identical\r\n\r\n",
    "a blank before the colon": b"Content-Length : %d\r\n\r\n" % len(JSON),
    "a length with a sign": b"Content-Length: +%d\r\n\r\n" % len(JSON),
    "a folded line": b"X-Folded: a\r\n b\r\nContent-Length: %d\r\n\r\n" % len(JSON),
}


@pytest.mark.parametrize("framing", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_framing_of_two_meanings_is_refused(accepting: tuple[Live, Clients], framing: bytes) -> None:
    live, clients = accepting
    forget(clients)
    head, body, _ = PLACES["json"]
    answer = live.raw(head + framing + body, half_close=True)
    assert status_of(answer) in {400, 501}
    assert answer.count(b"HTTP/1.1 ") == 1
    # What the server answers by itself does not say which one it is either.
    assert b"granian" not in answer.lower()
    assert accepted(clients) == 0


def test_two_framings_at_once_are_one_request(accepting: tuple[Live, Clients]) -> None:
    live, clients = accepting
    forget(clients)
    head, body, _ = PLACES["json"]
    both = head + length(5).rstrip(b"\r\n") + b"\r\n" + CHUNKED + chunk(body) + b"0\r\n\r\n"
    answer = live.raw(both + b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert status_of(answer) in {201, 400}
    assert answer.count(b"HTTP/1.1 ") <= 2
    assert accepted(clients) == (status_of(answer) == 201)
