import errno
import resource
import stat
from pathlib import Path

import pytest

from admin.backup.files import new_file


def test_a_file_appears_when_it_is_whole_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with new_file(path) as stream:
        stream.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("reason", [KeyboardInterrupt, ValueError, SystemExit])
def test_what_breaks_off_leaves_nothing(tmp_path: Path, reason: type[BaseException]) -> None:
    def break_off() -> None:
        with new_file(tmp_path / "new") as stream:
            stream.write(b"content")
            raise reason

    with pytest.raises(reason):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_grow_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as raised, new_file(tmp_path / "new") as stream:
            stream.write(bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match="another name"), new_file(path):
        pass
    assert path.read_text() == "precious"
    with pytest.raises(FileExistsError), new_file(tmp_path):
        pass


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, new_file(tmp_path / "none" / "new"):
        pass
    assert raised.value.filename == str(tmp_path / "none")
