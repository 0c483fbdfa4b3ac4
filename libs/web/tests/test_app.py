from types import ModuleType

import pytest

from common.config import Settings
from common.feature import FeatureError
from web.app import create_app


def test_two_apps_do_not_share_their_settings(offline_settings: Settings) -> None:
    apps = [
        create_app(offline_settings.model_copy(update={"version": version}), features=[], blueprints=[])
        for version in ("1.0.0", "2.0.0")
    ]
    versions = [app.test_client().get("/version").get_json()["version"] for app in apps]
    assert versions == ["1.0.0", "2.0.0"]


def test_a_module_without_a_blueprint_is_refused_by_its_name(offline_settings: Settings) -> None:
    with pytest.raises(FeatureError, match="broken brings no blueprint"):
        create_app(offline_settings, features=[], blueprints=[ModuleType("broken")])
