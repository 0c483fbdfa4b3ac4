"""What a process notes of itself is a file that the others find."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from web.front.liveness import Liveness


def test_a_note_that_another_process_deletes_before_it_is_held_is_made_anew(tmp_path: Path) -> None:
    note = tmp_path / f"serving_{os.getpid()}"
    with note.open("w") as seen:
        # As by a process that looks for the silence of others: a file without its lock is of one that has ended.
        fcntl.flock(seen, fcntl.LOCK_EX)
        own = threading.Thread(target=Liveness(1, 1, str(tmp_path)).note)
        own.start()
        # So that it waits for the lock of the file that is deleted now.
        time.sleep(0.3)
        note.unlink()
    own.join(10)
    assert note.stat().st_size == 8
    with note.open("r+") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
