"""What Renovate reads: it accepts the configuration, and finds every setting that names a version."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .copies import ROOT


def configuration() -> dict[str, Any]:
    """Return what it reads; the comments stand in lines of their own."""
    text = (ROOT / "renovate.json5").read_text(encoding="utf-8")
    return dict(json.loads(re.sub(r"(?m)^\s*//.*$", "", text)))


@pytest.mark.features
def test_renovates_own_schema_accepts_it(tmp_path: Path) -> None:
    file = tmp_path / "renovate.json"
    file.write_text(json.dumps(configuration()))
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([program, "--builtin-schema=vendor.renovate", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("pin", ["", f"@sha256:{'0' * 64}"], ids=["by tag", "pinned"])
def test_every_setting_that_names_a_version_is_found(pin: str) -> None:
    version = r"(?m)^(\w+=)([a-z][\w./-]*:[\w.-]+)$"
    settings = (ROOT / ".env").read_text(encoding="utf-8")
    patterns = [pattern for each in configuration().get("customManagers", ()) for pattern in each["matchStrings"]]
    pinned = re.sub(version, rf"\1\2{pin}", settings)
    found = [match for pattern in patterns for match in re.finditer(pattern.replace("(?<", "(?P<"), pinned)]
    names = [f"{match['depName']}:{match['currentValue']}" for match in found]
    assert names == [found for _, found in re.findall(version, settings)]
    assert {match["currentDigest"] or "" for match in found} <= {pin.lstrip("@")}
