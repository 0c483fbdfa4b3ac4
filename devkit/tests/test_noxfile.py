"""What the sessions of nox run."""

import re

from .conftest import ROOT


def test_every_folder_of_tests_belongs_to_a_session() -> None:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/*/**/test_*.py")}
    assert {name for name in folders if f'"tests/{name}"' not in text} == set()


def test_a_folder_that_the_session_of_the_toolbox_ignores_belongs_to_another_one() -> None:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    ignored = re.findall(r'"--ignore=([^"]+)"', text)
    assert ignored
    assert {path for path in ignored if f'"{path}"' not in text} == set()
