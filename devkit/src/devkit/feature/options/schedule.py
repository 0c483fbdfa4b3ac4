"""A feature of which a schedule removes what is old."""

from devkit.feature.option import Option
from devkit.feature.spec import FeatureSpec


def _settings(spec: FeatureSpec) -> list[str]:
    return [
        f"# {spec.name}: days {spec.one} is kept, and the seconds between two purges.",
        f"{spec.name.upper()}_KEEP_DAYS=30",
        f"{spec.name.upper()}_PURGE_EVERY=3600",
    ]


OPTION = Option("a schedule removes what is old", settings=_settings)
