"""What an extension of the plumbing declares of itself, once: each is a module of `common.extensions`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import ContextVar

    from pydantic import BaseModel


def _none(_: Mapping[str, str]) -> list[str]:
    return []


@dataclass(frozen=True)
class Extension:
    """What it adds: sections of the settings, and what else follows from them.

    `problems` and `unsafe` return a line for each setting that is wrong, or that production refuses; they are given the
    raw settings by their lower-case names. `authorities` is given them too, and returns the settings that name the
    authority of a server of this machine that TLS=1 encrypts. Settings `named_after_project` are what PROJECT is when
    they are empty.
    `implied` are settings that follow from the value of another one, unless somebody has chosen them too. `log_ids`
    stand in every line of the log, `quiet` are the levels of loggers that tell too much.
    """

    sections: tuple[type[BaseModel], ...] = ()
    problems: Callable[[Mapping[str, str]], list[str]] = _none
    unsafe: Callable[[Mapping[str, str]], list[str]] = _none
    authorities: Callable[[Mapping[str, str]], list[str]] = _none
    named_after_project: tuple[str, ...] = ()
    implied: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    # Names that a product cannot have, with the reason.
    taken_names: Mapping[str, str] = field(default_factory=dict)
    log_ids: Mapping[str, ContextVar[str]] = field(default_factory=dict)
    quiet: Mapping[str, int] = field(default_factory=dict)
