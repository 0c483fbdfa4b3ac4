from pathlib import Path

import pytest

from admin.console.settings import ConsoleSettings
from common.config import Settings


def test_the_settings_file_has_the_port(pytestconfig: pytest.Config) -> None:
    file = Path(pytestconfig.rootpath, ".env")
    written = Settings.load({}, env_files=(file,), sections=[ConsoleSettings])
    assert f"\nCONSOLE_PORT={written.section(ConsoleSettings).console_port}\n" in file.read_text(encoding="utf-8")
