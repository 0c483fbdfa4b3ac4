"""Requests of a measurement, sent by a program of its own, so that nothing else this process does slows them."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devkit.bench.peers import output

_GENERATOR = Path(__file__).with_name("generator.py")


@dataclass(frozen=True)
class Sent:
    """Answers and the seconds that all took, milliseconds of single ones, and the part of a core used by the sender."""

    answers: int
    seconds: float
    p50: float
    p99: float
    busy: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


def get(url: str, headers: Mapping[str, str], **options: float) -> Sent:
    """Ask for an address as the options of the generator say. Raises CommandError for another answer than 200."""
    return _send("GET", url, headers, b"", options)


def post(url: str, headers: Mapping[str, str], body: object, **options: float) -> Sent:
    """Post JSON as the options of the generator say. Raises CommandError for another answer than 202."""
    return _send("POST", url, headers, json.dumps(body).encode(), {"status": 202, **options})


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes, options: Mapping[str, float]) -> Sent:
    where = urlsplit(url)
    path = f"{where.path}?{where.query}" if where.query else where.path
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}", "Accept: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    request = "\r\n".join([*lines, "", ""]).encode() + body
    given = [word for name, value in options.items() for word in (f"--{name}", f"{value:g}")]
    command = [sys.executable, str(_GENERATOR), str(where.hostname), str(where.port), *given]
    return Sent(**json.loads(output(command, input=request)))
