"""Continuous integration of a product: one file for each forge, which types what a developer types.

`templates/NAME.yml` is the file of a forge; where it belongs is said here.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

PLACES = {"gitee": ".workflow/ci.yml", "github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}
_TEMPLATES = Path(__file__).parent / "templates"


def write(forges: Iterable[str], root: Path) -> None:
    """Write the files of some forges below a root."""
    for forge in forges:
        place = root / PLACES[forge]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_TEMPLATES / f"{forge}.yml", place)
