"""What a new feature can be beside a plain resource, each by an option of the command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.feature.spec import FeatureSpec

# Samples of answers, by the first word of their operation: create, get, list ...
Samples = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """What an option of `invoke new feature` adds to a feature.

    Its templates are in the folders of its name and of the name of what it is added to, such as `resource-NAME`. When
    it `is_base`, it is something else than a plain resource, with other `samples` for its document. `settings` are
    lines for the settings file. No field may have a name that is `taken`.
    """

    help: str
    is_base: bool = False
    taken: frozenset[str] = frozenset()
    samples: Callable[[FeatureSpec, Mapping[str, Any]], Samples] | None = None
    settings: Callable[[FeatureSpec], Sequence[str]] | None = None
