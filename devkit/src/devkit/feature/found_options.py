"""The options of `invoke new feature`, as they are found by folder."""

from common.discovery import modules_of
from devkit.feature import options
from devkit.feature.option import Option


def all_options() -> dict[str, Option]:
    """Return the options, by their names."""
    return {module.__name__.rpartition(".")[2]: module.OPTION for module in modules_of(options)}
