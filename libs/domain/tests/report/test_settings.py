import pytest

from common.config import Settings
from domain.report.settings import ReportSettings


def test_the_settings_file_documents_them_with_their_defaults(pytestconfig: pytest.Config) -> None:
    names = {name.upper() for name in ReportSettings.model_fields}
    lines = (pytestconfig.rootpath / ".env").read_text(encoding="utf-8").splitlines()
    assert names <= {line.partition("=")[0] for line in lines}
    written = Settings.load({}, env_files=(pytestconfig.rootpath / ".env",), sections=[ReportSettings])
    assert written.section(ReportSettings) == ReportSettings()
