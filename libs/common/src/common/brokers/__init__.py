"""The kinds of brokers that are there: each is a module of this folder that declares a `KIND`.

Nothing is imported before it is asked for: who only reads a settings file need not wait for pydantic.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from common.discovery import modules_of

if TYPE_CHECKING:
    from common.broker import BrokerKind


@functools.cache
def kinds() -> tuple[BrokerKind, ...]:
    """Return all kinds; the first one is that which is used where none is named."""
    found: list[BrokerKind] = [module.KIND for module in modules_of(sys.modules[__name__])]
    return tuple(sorted(found, key=lambda kind: kind.place))


def names() -> list[str]:
    """Return the names of all kinds."""
    return [kind.name for kind in kinds()]


def named(name: str) -> BrokerKind:
    """Return the kind that BROKER names, the first one when it is empty. Raises ValueError with what there is."""
    found = [kind for kind in kinds() if name in ("", kind.name)]
    if not found:
        raise ValueError(f"there is no broker {name!r}, only {' and '.join(names())}")
    return found[0]


def checked(name: str) -> str:
    """Return the name of the kind that BROKER names. Raises ValueError with what there is."""
    return named(name).name


def of_scheme(scheme: str) -> BrokerKind | None:
    """Return the kind whose addresses begin so."""
    return next((kind for kind in kinds() if scheme in kind.schemes), None)
