"""Pytest runs that make and delete their folders at once."""

import gc
from pathlib import Path

from _pytest.pathlib import find_prefixed


def test_a_list_of_folders_that_pytest_has_not_read_to_its_end_makes_no_run_red(tmp_path: Path) -> None:
    """Another run may delete what is being listed."""
    for name in ("run-0", "run-1"):
        (tmp_path / name).mkdir()
    next(find_prefixed(tmp_path, "run-"))
    gc.collect()
