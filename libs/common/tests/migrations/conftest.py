"""Features with migrations, made for one test."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import pytest

from common.feature import Feature, features_of
from testing.migrated import write_features

Make: TypeAlias = Callable[..., tuple[Feature, ...]]
PACKAGE = "migrated_product"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes features; each has migrations by their names, with the text of each."""

    def made(**features: Mapping[str, str]) -> tuple[Feature, ...]:
        write_features(tmp_path / PACKAGE, features)
        monkeypatch.syspath_prepend(tmp_path)
        for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
            monkeypatch.delitem(sys.modules, name)
        return features_of(import_module(PACKAGE))

    return made
