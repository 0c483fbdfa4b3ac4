"""An update leaves the address of the starter as the team has written it, wherever that stands among the answers."""

from pathlib import Path

import pytest

from devkit import answers
from devkit.history import STARTER as ANSWERS
from devkit.project.source import source_line
from devkit.update import merge

MISSING = source_line("")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("_commit: v1\n_src_path: https://git.example/starter.git\nport: 1\n", "https://git.example/starter.git"),
        (f"_commit: v1\n{MISSING}port: 1\n_src_path: ../starter", "../starter"),
        (f"_src_path: '../a starter'\n{MISSING}_commit: v1\n", "../a starter"),
        ("_commit: v1\n_src_path:\n  https://git.example/starter.git\n", "https://git.example/starter.git"),
        (f"_commit: v1\n{MISSING}port: 1\n", None),
        ("_commit: v1\n_src_path:\n", None),
    ],
)
@pytest.mark.parametrize("made", [MISSING, "_src_path: /temporary/folder\n"])
def test_the_address_of_the_starter_stays(
    written: str, address: str | None, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ANSWERS).write_text(written)
    monkeypatch.setattr(merge, "ROOT", tmp_path)
    (new := tmp_path / "new").mkdir()
    (new / ANSWERS).write_text(f"# Kept.\n_commit: v2\n{made}port: 1\n")
    text = merge.answers_at_new_version(new)
    (new / ANSWERS).write_text(text)
    assert answers.read(new) == {"_commit": "v2", "port": 1} | ({"_src_path": address} if address else {})
    assert (MISSING in text) is (address is None)
    assert text.startswith("# Kept.\n")
