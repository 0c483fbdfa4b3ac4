"""The whole stack in production mode, on servers that take nothing but encrypted connections."""

import json
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from common.config import Settings
from common.mongo import connect
from devkit import ROOT
from devkit.servers.private import private_environ
from devkit.stack.private import PrivateStack
from testing.brokers import ON_EACH
from testing.preloaded import Program
from testing.waiting import eventually

from .conftest import Tls

pytestmark = pytest.mark.integration


class Production(PrivateStack):
    """`invoke serve` on servers elsewhere."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.http = httpx2.Client(base_url=self.url, timeout=30, trust_env=False)
        return self

    def admin(self, *arguments: str) -> str:
        """Return what a command for operators prints."""
        output, errors = self.data / "admin.out", self.data / "admin.err"
        output.unlink(missing_ok=True)
        program = Program(["admin", *arguments], self.environ, ROOT, output, errors=errors)
        assert program.wait(60) == 0, errors.read_text(encoding="utf-8")
        return output.read_text(encoding="utf-8")

    def status(self, report: dict[str, Any]) -> str:
        return str(self.http.get(f"/api/v1/reports/{report['id']}").raise_for_status().json()["status"])

    def post(self) -> dict[str, Any]:
        answer = self.http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2, 3]})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def logs(self) -> str:
        return "".join(self.log(name) for name in self.components)

    def end(self) -> None:
        self.http.close()
        assert self.stop(signal.SIGTERM) == 0, self.said


@pytest.fixture
def serve(tls: Tls, tmp_path: Path) -> Iterator[Callable[[str], Production]]:
    with ExitStack() as stops:

        def start(broker: str) -> Production:
            environ = {**tls.environ(tls.server("mongo")), **tls.environ(tls.server(broker))}
            environ["MONGO_URL"] = environ["MONGO_URL"].replace("directConnection=true", "replicaSet=rs0")
            # As Celery would read it, past what is made of the address, this would leave out the authority.
            environ["BROKER_URL"] += "?ssl_cert_reqs=required"
            environ |= {"MONGO_DATABASE": f"test_{secrets.token_hex(4)}", "API_TRUSTED_HOSTS": "127.0.0.1"}
            environ |= {"PROJECT": "product", "REPORT_PURGE_EVERY": "1"}
            stack = Production(tmp_path, private_environ(**environ)).__enter__()
            stops.callback(stack.end)
            return stack

        yield start


@ON_EACH
def test_everything_works_over_verified_connections(
    serve: Callable[[str], Production], broker: str, tmp_path: Path
) -> None:
    stack = serve(broker)
    assert stack.http.get("/readyz").json()["status"] == "ready"
    first = stack.post()
    eventually(lambda: stack.status(first) == "done")
    # The beat's ticks, which a worker does.
    settings = Settings.load(stack.environ, env_files=())
    with connect(settings) as client:
        eventually(lambda: client[settings.mongo_database]["ticks"].count_documents({"job.state": "done"}))

    # A job is pending in the backup, and no message tells of it when it is restored: only a sweeper can.
    worker, file = stack.pids["worker"], str(tmp_path / "backup.bson.gz")
    os.killpg(worker, signal.SIGSTOP)
    waiting = stack.post()
    stack.admin("backup", file)
    assert stack.status(waiting) == "pending"
    os.killpg(worker, signal.SIGCONT)
    eventually(lambda: stack.status(waiting) == "done")
    stack.admin("restore", file, "--yes")
    eventually(lambda: stack.status(waiting) == "done", seconds=40)

    assert "are as declared" in stack.admin("indexes", "--check")
    assert "reports" not in [job["collection"] for job in json.loads(stack.admin("jobs", "list", "--json"))]
    said = stack.logs()
    assert "certificate" not in said
    assert "not encrypted" not in said
