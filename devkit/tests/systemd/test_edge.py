"""The unit of the proxy: its command tells systemd that it works, and needs no variable that the unit does not set."""

import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from devkit import ROOT, certificate
from testing.servers import unused_ports
from testing.waiting import eventually

UNIT = ROOT / "deploy" / "systemd" / "edge.service"


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_the_command_of_the_proxy_tells_systemd_that_it_works(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    [command] = re.findall(r"(?m)^ExecStart=(.*)", text)
    program, *arguments = shlex.split(command.replace("/opt/app", str(ROOT)))
    if shutil.which(program) is None:
        problem = "haproxy was not found: apt install haproxy"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    secure, plain, port, api = unused_ports(4)
    own = {
        "EDGE_BIND": f"127.0.0.1:{secure}",
        "EDGE_BIND_HTTP": f"127.0.0.1:{plain}",
        "EDGE_PORT": str(port),
        "EDGE_API": f"127.0.0.1:{api}",
        "EDGE_CERTIFICATE_FILE": str(certificate.provide(tmp_path / "certificate", ["localhost"])),
    }
    assert set(own) == set(re.findall(r"\b(EDGE_\w+)=", text))
    name = f"product-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, (tmp_path / "log").open("wb") as log:
        systemd.bind(f"\0{name}")
        systemd.settimeout(20)
        environ = {**os.environ, **own, "NOTIFY_SOCKET": f"@{name}"}
        process = subprocess.Popen([program, *arguments], env=environ, stdout=log, stderr=log)
        try:
            # It may tell first that it reads its file.
            eventually(lambda: b"READY=1" in systemd.recv(200))
            # Asked to stop before it serves, it may not notice.
            eventually(lambda: serves(plain))
            process.send_signal(signal.SIGUSR1)
            eventually(lambda: process.poll() is not None)
        finally:
            process.kill()
            process.wait(20)
    # What systemd takes for success.
    assert process.returncode in (0, 143)


def serves(port: int) -> bool:
    """Return whether it answers at a port of this machine."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/edge", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False
