"""`TLS=1 invoke dev`: servers of this machine that encrypt, and processes that trust them without a further setting."""

import os
from pathlib import Path

import httpx2
import pytest

from devkit.servers.private import private_environ
from devkit.stack.private import DEVELOPMENT, PrivateStack
from devkit.terminal import CommandError

pytestmark = pytest.mark.integration


def test_what_is_started_trusts_the_authority_of_its_own_servers(tmp_path: Path) -> None:
    stack = PrivateStack(tmp_path, private_environ(TLS="1", MONGO_DATABASE="test_tls_native"), command=DEVELOPMENT)
    # As a person starts it, who names no authority.
    stack.environ |= {name: "" for name in stack.environ if name.endswith("_TLS_CA_FILE")}
    try:
        stack.__enter__()
    except CommandError as error:
        if os.environ.get("CI") or "was not found" not in str(error):
            raise
        pytest.skip(str(error))
    try:
        assert "tls=true" in stack.components["mongo"]["url"]
        assert httpx2.get(f"{stack.url}/readyz", trust_env=False).json()["status"] == "ready"
    finally:
        stack.stop()
