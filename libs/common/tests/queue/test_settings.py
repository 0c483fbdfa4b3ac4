"""What the settings of the queue may be, and what production refuses."""

import pytest

from common import brokers
from common.config import ConfigError, Settings
from common.extensions.queue.settings import QueueSettings
from common.production import unsafe_settings
from common.queue.broker import address_of
from testing.strong import strong

# The password of the broker that is used where none is named.
PASSWORD = brokers.named("").password_key
SAFE = {
    "ENVIRONMENT": "production",
    "PROJECT": "product",
    "SECRET_KEY": strong("key"),
    "MONGO_PASSWORD": strong("mongo"),
    PASSWORD: strong("broker"),
    "API_TRUSTED_HOSTS": "reports.example.org",
}


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ, env_files=())
    return caught.value.problems


def test_every_violation_is_reported_at_once_with_those_of_the_plumbing() -> None:
    environ = {"ENVIRONMENT": "production", "API_PORT": "70000", "BROKER": "kafka", "JOB_LEASE": "nan"}
    named = {problem.split(":")[0] for problem in problems(environ)}
    assert named == {"API_PORT", "BROKER", "JOB_LEASE", "PROJECT", "SECRET_KEY", "MONGO_PASSWORD", PASSWORD}


@pytest.mark.parametrize(
    "unsafe",
    [
        *({"BROKER_URL": f"{kind.plain}://u:%63hangeme@mq/"} for kind in brokers.kinds()),
        *({"BROKER_URL": f"{kind.plain}://root:{strong('broker')}@mq/"} for kind in brokers.kinds()),
        *({"BROKER_URL": f"{kind.plain}://[broken"} for kind in brokers.kinds()),
        *(
            {"BROKER_URL": f"{kind.plain}://u:{strong('broker')}@a;{kind.plain}://u:short@b/"}
            for kind in brokers.kinds()
        ),
        *({"BROKER": kind.name, kind.password_key: strong("mongo")} for kind in brokers.kinds()),
        *({"BROKER": kind.name, kind.password_key: f"{kind.title}-password-2026"} for kind in brokers.kinds()),
        *(
            {"BROKER": kind.name, kind.password_key: strong("used"), name: "Guest"}
            for kind in brokers.kinds()
            for name in kind.named_after_project
        ),
        {"BROKER_URL": f"memory://u:{strong('broker')}@h/"},
        {"METRICS_HOST": "0.0.0.0"},  # noqa: S104 - it is refused
        {"METRICS_HOST": "0"},
        *({"BROKER": kind.name, kind.password_key: ""} for kind in brokers.kinds()),
    ],
)
def test_production_refuses_open_addresses(unsafe: dict[str, str]) -> None:
    assert len(problems({**SAFE, **unsafe})) == 1


def test_production_starts_with_safe_settings() -> None:
    assert Settings.load(SAFE, env_files=()).environment == "production"
    named = Settings.load({**SAFE, "METRICS_HOST": ""}, env_files=())
    assert named.section(QueueSettings).metrics_host == ""
    assert not unsafe_settings({name.lower(): value for name, value in SAFE.items()})


def test_an_address_elsewhere_is_taken_as_it_is() -> None:
    assert address_of(Settings.load({"BROKER_URL": "xyz://y/"}, env_files=())) == "xyz://y/"


def test_settings_that_were_made_by_hand_have_the_defaults() -> None:
    assert Settings().section(QueueSettings) == Settings.load({}, env_files=()).section(QueueSettings)
