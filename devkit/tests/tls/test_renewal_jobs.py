"""Certificates are renewed under load: no job is lost, no request fails, and new connections see the new ones."""

import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from devkit import ROOT
from devkit.servers.certificates import shown
from devkit.servers.private import private_environ
from devkit.terminal import CommandError
from testing.brokers import ON_EACH
from testing.waiting import eventually

from .production import Production

pytestmark = pytest.mark.integration

REPORT = {"title": "Numbers", "values": [1, 2, 3]}
THREADS = 2
# Seconds between two requests of a thread. The load goes on as long as the renewals take: without a pause two thousand
# jobs are accepted, done and asked for, which is a minute of the processor's time.
PAUSE = 0.05


class Load:
    """Threads that post reports, forty a second at most, and keep what was accepted and what was not."""

    def __init__(self, stack: Production) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post, daemon=True) for _ in range(THREADS)]
        self.accepted: list[str] = []
        self.failed: list[str] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(40)

    def more(self, number: int = 20) -> None:
        """Wait until so many more were accepted."""
        before = len(self.accepted)
        eventually(lambda: self.failed or len(self.accepted) >= before + number, seconds=60)

    def _post(self) -> None:
        with httpx2.Client(base_url=self._stack.url, headers=self._stack.headers, timeout=30, trust_env=False) as http:
            while not self._stop.wait(PAUSE):
                answer = http.post("/api/v1/reports", json=REPORT)
                if answer.status_code == 202:
                    self.accepted.append(answer.json()["id"])
                else:
                    self.failed.append(answer.text)


def serials(stack: Production) -> dict[str, int]:
    ports = [component["port"] for component in stack.components.values() if component.get("port")]
    return {str(port): shown(int(port)) for port in ports if shown(int(port))}


def renew(stack: Production) -> None:
    command = [sys.executable, "-m", "devkit", "certificates", "--renew", "--data", str(stack.data)]
    done = subprocess.run(command, cwd=ROOT, env=stack.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@ON_EACH
def test_no_job_is_lost_while_certificates_are_renewed_twice(broker: str, tmp_path: Path) -> None:
    own = {"ENVIRONMENT": "production", "API_TRUSTED_HOSTS": "127.0.0.1"}
    # [limits]
    own["RATE_LIMITS"] = "off"
    # [/limits]
    environ = private_environ(TLS="1", BROKER=broker, MONGO_DATABASE=f"test_{secrets.token_hex(4)}", **own)
    try:
        stack = Production(tmp_path, environ).__enter__()
    except CommandError as error:
        if os.environ.get("CI") or "was not found" not in str(error):
            raise
        pytest.skip(str(error))
    try:
        seen = [serials(stack)]
        with Load(stack) as load:
            load.more()
            for _ in range(2):
                renew(stack)
                seen.append(serials(stack))
                load.more()
        assert load.failed == []
        for port in seen[0]:
            assert len({each[port] for each in seen}) == 3
        assert len(seen[0]) == 2
        left = set(load.accepted)

        def is_done() -> bool:
            for identifier in list(left):
                answer = stack.http.get(f"/api/v1/reports/{identifier}").raise_for_status()
                if answer.json()["status"] == "done":
                    left.discard(identifier)
            return not left

        eventually(is_done, seconds=60)
        # Another process, which makes each of its connections anew.
        assert "are as declared" in stack.admin("indexes", "--check")
        assert "certificate verify failed" not in stack.logs()
    finally:
        stack.end()
