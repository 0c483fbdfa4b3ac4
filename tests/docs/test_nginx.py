"""The example of a reverse proxy in docs/proxy.md is one for nginx."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .blocks import blocks

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# Debian keeps it where only root looks.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt install nginx")
def test_nginx_reads_the_example(tmp_path: Path) -> None:
    (example,) = [each.text for each in blocks("docs/proxy.md") if each.language == "nginx"]
    paths = "".join(f"{name}_temp_path {tmp_path}/{name}; " for name in TEMPORARY)
    # Nobody but root may listen on the real port.
    server = re.sub(r"listen \d+;", "listen 127.0.0.1:8443;", example)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; {paths}\n{server}}}\n")
    done = subprocess.run(
        [str(NGINX), "-t", "-e", "stderr", "-c", str(configuration)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
