"""The options of `invoke new feature`, as they are found by folder."""

from common.discovery import modules_by_name
from devkit.feature import options
from devkit.feature.option import Option


def all_options() -> dict[str, Option]:
    """Return the options, by their names."""
    return {name: module.OPTION for name, module in modules_by_name(options).items()}
