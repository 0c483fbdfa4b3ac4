"""The extensions of the plumbing that are there: each is a module of this folder that declares an `EXTENSION`.

Nothing is imported before it is asked for: who only reads a settings file need not wait for pydantic.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from common.discovery import modules_of

if TYPE_CHECKING:
    from common.extension import Extension


@functools.cache
def found() -> tuple[Extension, ...]:
    """Return all extensions, in the order of their names."""
    return tuple(module.EXTENSION for module in modules_of(sys.modules[__name__]))
