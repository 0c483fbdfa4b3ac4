"""The settings files, read as python-dotenv reads them, by the standard library alone: `.venv` may not exist yet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from devkit import ROOT
from devkit.terminal import CommandError

FILES = (".env", ".env.local")

_BINDING = re.compile(
    r"""
    ^[^\S\r\n]*(?:export[^\S\r\n]+)?
    (?P<key>[A-Za-z_][A-Za-z0-9_.]*)[^\S\r\n]*=(?P<gap>[^\S\r\n]*)
    (?:'(?P<single>(?:\\'|[^'])*)'|"(?P<double>(?:\\"|[^"])*)"|(?P<plain>[^\r\n]*))
    """,
    re.MULTILINE | re.VERBOSE,
)
_INLINE_COMMENT = re.compile(r"\s+#.*")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def parse(text: str) -> dict[str, str]:
    """Return the KEY=VALUE pairs of a settings file; quotes are removed, comments dropped, nothing is interpolated."""
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for match in _BINDING.finditer(text):
        if match["single"] is not None:
            value = re.sub(r"\\([\\'])", r"\1", match["single"])
        elif match["double"] is not None:
            value = re.sub(r"\\([\\'\"abfnrtv])", lambda m: _ESCAPES.get(m[1], m[1]), match["double"])
        else:
            value = _INLINE_COMMENT.sub("", match["gap"] + match["plain"]).strip()
        yield match["key"], value


def read(path: Path) -> dict[str, str]:
    """Return the pairs of one settings file; none when it does not exist. Raises CommandError when it is no text."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{path} is no text in UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from None


def required(settings: Mapping[str, str], key: str) -> str:
    """Return a setting that must not be empty."""
    value = settings.get(key, "")
    if not value:
        raise CommandError(f"{key} is not set: .env in {ROOT} documents it.")
    return value


def port(settings: Mapping[str, str], key: str) -> int:
    """Return a setting that must be a TCP port."""
    value = required(settings, key)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CommandError(f"{key}={value} is no port: set one from 1 to 65535 in .env.local.")
    return int(value)


def seconds(settings: Mapping[str, str], key: str) -> float:
    """Return a setting that must be a time in seconds."""
    value = required(settings, key)
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", value, re.ASCII):
        raise CommandError(f"{key}={value} is no number of seconds: set one in .env.local.")
    return float(value)


def load(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return all settings; later wins: `.env` < `.env.local` < the process environment."""
    merged: dict[str, str] = {}
    for name in FILES:
        merged |= read(root / name)
    return merged | dict(environ)
