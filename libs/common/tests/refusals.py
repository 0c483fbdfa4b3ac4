"""Settings that production takes, and what it refuses of others."""

from common.config import ConfigError, Settings
from testing.strong import of_extensions, strong

SAFE = {
    "ENVIRONMENT": "production",
    "PROJECT": "acme",
    "SECRET_KEY": strong("key"),
    "MONGO_PASSWORD": strong("mongo"),
    "API_TRUSTED_HOSTS": "reports.example.org",
    **of_extensions(),
}


def refused(**environ: str) -> list[str]:
    try:
        Settings.load({**SAFE, **environ}, env_files=())
    except ConfigError as error:
        return error.problems
    return []
