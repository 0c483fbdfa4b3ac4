"""How a step ended, left in `reports/` for the page of `invoke check-all`. The nox sessions leave the same."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path


class Outcome:
    """The result of a step: not passed until it is set."""

    passed = False


@contextlib.contextmanager
def noted(reports: Path, name: str) -> Iterator[Outcome]:
    """Note how the block ends, also when an error or Ctrl-C ends it."""
    path, outcome, began = reports / f"outcome-{name}.json", Outcome(), time.time()
    reports.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        yield outcome
    finally:
        noted = {"name": name, "passed": outcome.passed, "seconds": round(time.time() - began, 1)}
        path.write_text(json.dumps(noted) + "\n", encoding="utf-8")
