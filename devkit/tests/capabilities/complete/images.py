"""A product's images are built."""

import os
import shutil
from pathlib import Path

from ...features.copies import run


def check(product: Path) -> None:
    """Build all images of a product whose containers were not removed; without an engine only where it is not CI."""
    if (product / "docker").exists() and (shutil.which("docker") or os.environ.get("CI")):
        run(product, "invoke", "build")
