"""Versions of a product that differ in their migrations, and the processes of each, on the same servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from devkit import ROOT, ports, venv
from testing.migrated import write_features
from testing.waiting import eventually

FLAGS = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--concurrency", "2")


@dataclass
class Service:
    """A process of the product, its log, and how it is reached or seen to work."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""
    heartbeat: Path = Path("nowhere")

    @property
    def said(self) -> str:
        """What it has logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def readiness(self) -> tuple[int, str]:
        """Return what an API answers to a load balancer: the status, and why; 0 when it does not answer."""
        try:
            answer = httpx2.get(f"{self.url}/readyz", timeout=5, trust_env=False)
        except httpx2.TransportError:
            return 0, ""
        return answer.status_code, str(answer.json().get("detail", ""))

    @property
    def ready(self) -> bool:
        """Whether it is to be given work."""
        return self.readiness()[0] == 200 if self.url else self.heartbeat.exists()

    def stop(self) -> None:
        """Stop it in an orderly way, which must succeed."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.said[-2000:]


class Version:
    """A version of the product below a folder, whose example feature has these migrations."""

    def __init__(self, folder: Path, environ: Mapping[str, str], stops: ExitStack, **migrations: str) -> None:
        self._folder, self._stops, self._started = folder, stops, 0
        texts = {f"0{name[1:]}": text for name, text in migrations.items()}
        declared = {"example": "from testing.example import EXAMPLE as FEATURE\n"}
        write_features(folder / "domain", {"example": texts}, declared)
        paths = [str(folder), str(ROOT / "devkit/programs")]
        self._environ = {**os.environ, **environ, "PYTHONPATH": os.pathsep.join(paths)}

    def admin(self, *arguments: str) -> tuple[int, str]:
        """Run a command for operators; return its exit code and what it printed."""
        done = subprocess.run(
            [sys.executable, *venv.ALONE, "admin", *arguments],
            cwd=ROOT,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def migrating(self) -> subprocess.Popen[bytes]:
        """Begin to apply its migrations."""
        return self._start("migrate", *venv.ALONE, "admin", "migrate").process

    def api(self) -> Service:
        """Start an API; return when it answers, ready or not."""
        port = ports.unused()
        service = self._start("api", "-m", "web.serve", "--port", str(port), "workload_version_api:app")
        service.url = f"http://127.0.0.1:{port}"
        eventually(lambda: service.readiness()[0] or service.process.poll() is not None, seconds=60)
        assert service.process.poll() is None, service.said
        return service

    def worker(self, name: str) -> Service:
        """Start a worker; return when it has said whether it works."""
        heartbeat = self._folder / f"{name}.heartbeat"
        command = (*venv.ALONE, "celery", "--quiet", "-A", "workload_version_worker:app", "worker")
        hostname = ("--hostname", f"{name}@test")
        service = self._start(name, *command, *hostname, *FLAGS, HEARTBEAT_FILE=str(heartbeat))
        service.heartbeat = heartbeat
        waiting = heartbeat.with_name(f"{heartbeat.name}.waiting")
        eventually(lambda: service.ready or waiting.exists() or service.process.poll() is not None, seconds=60)
        assert service.process.poll() is None, service.said
        return service

    def _start(self, name: str, *arguments: str, **own: Any) -> Service:
        self._started += 1
        log = self._folder / f"{name}-{self._started}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self._environ | own,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._stops.callback(_end, process)
        return Service(process, log)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
