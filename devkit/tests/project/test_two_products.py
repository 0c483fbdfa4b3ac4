"""Two products on one laptop, at the same time: each has ports, servers and data of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from devkit import forges

from ..features.copies import FOREIGN, run_here

pytestmark = [pytest.mark.features, pytest.mark.integration]
NAMES = ("q9-okapi", "q9-zebra")
Components = dict[str, dict[str, Any]]


@contextmanager
def developed(product: Path) -> Iterator[Components]:
    """Run `invoke dev` as it is typed, which makes the environment first; yield what it says of its components."""
    # No setting of the tests' own, for ports and secrets are the product's.
    environ = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    out, log = product.with_suffix(".out"), product.with_suffix(".log")
    with out.open("wb") as stdout, log.open("wb") as stderr:
        command = ["invoke", "dev", "--json"]
        process = subprocess.Popen(
            command, cwd=product, env=environ, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
        )
    try:
        yield _components(process, out, log)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(120)
    assert code == 0, log.read_text()


def _components(process: "subprocess.Popen[bytes]", out: Path, log: Path) -> Components:
    deadline = time.monotonic() + 300
    while not (line := out.read_text()).endswith("\n"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return dict(json.loads(line))


def test_two_products_run_and_answer_at_the_same_time(starter: Path, tmp_path: Path) -> None:
    for name in NAMES:
        run_here(starter, "-m", "devkit", "new", "project", str(tmp_path / name), "--yes", "--ci", "none")
        assert [place for place in forges.PLACES.values() if (tmp_path / name / place).exists()] == []
    with ExitStack() as stops:
        stacks = {name: stops.enter_context(developed(tmp_path / name)) for name in NAMES}
        for name, components in stacks.items():
            url = components["api"]["url"]
            assert httpx2.get(f"{url}/version", trust_env=False).json()["name"] == name
            assert httpx2.get(f"{url}/readyz", trust_env=False).status_code == 200
        first, second = ({component["pid"] for component in each.values()} for each in stacks.values())
        # No server is shared.
        assert not first & second
        assert stacks[NAMES[0]].keys() == stacks[NAMES[1]].keys()
