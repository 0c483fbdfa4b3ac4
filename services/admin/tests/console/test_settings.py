from pathlib import Path

import pytest

from admin.console.settings import ConsoleSettings
from common.config import Settings


def test_the_settings_file_has_the_default_port(pytestconfig: pytest.Config) -> None:
    file = Path(pytestconfig.rootpath, ".env")
    written = Settings.load({}, env_files=(file,), sections=[ConsoleSettings])
    assert written.section(ConsoleSettings) == ConsoleSettings()
    assert "\nCONSOLE_PORT=" in file.read_text(encoding="utf-8")
