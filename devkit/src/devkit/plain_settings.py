"""Settings that must be known before `.venv` exists, each by its name, in the one form that needs no real reader.

`common.settings_files` is the reader of everything else. A test compares both over odd files: what is read here is read
there too, and what could be read differently is refused here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from devkit import ROOT

_VALUE = r"""(?P<value>[^\s"'#\\]*|"[^"'\\\r\n]*"|'[^"'\\\r\n]*')"""
# A name or a value whose quote is not closed on its line, or may be escaped: what follows can be a part of it.
_OPEN_QUOTE = re.compile(r"""^\s*(?:export\s+)?'[^'\n]*$|=[ \t]*(?:"[^"\n]*|'[^'\n]*)$|=[ \t]*["'].*\\""", re.MULTILINE)
# A value whose quote is closed nowhere behind it.
_UNCLOSED = re.compile(r"""^[^#=\n]*=[ \t]*(?:"(?:\\.|[^"\\])*|'(?:\\.|[^'\\])*)\Z""", re.MULTILINE | re.DOTALL)


class PlainSettingError(Exception):
    """A setting is written in a form that is not plain. The message says where, and how to write it."""


def plain_setting(path: Path, name: str) -> str | None:
    """Return what a settings file gives a name, None when it does not hold it.

    Raises PlainSettingError where the file writes it in another form than `NAME=value`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig").removeprefix("\ufeff")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PlainSettingError(f"{path} is no text in UTF-8: {error.reason} at byte {error.start}.") from None
    if unclosed := _UNCLOSED.search(text):
        line = text.count("\n", 0, unclosed.start()) + 1
        raise PlainSettingError(f"{path}, line {line}: a quote is not closed.")
    mentions = list(re.finditer(rf"""^\s*(?:export\s+)?["']?{name}["']?\s*(?:[=#]|$).*$""", text, re.MULTILINE))
    if not mentions:
        return None
    last = mentions[-1]
    plain = re.fullmatch(
        rf"[ \t]*(?:export[ \t]+)?{name}[ \t]*=[ \t]*{_VALUE}[ \t]*(?:[ \t]#.*)?", last[0].lstrip("\n")
    )
    if plain is None or _OPEN_QUOTE.search(text, 0, last.start()):
        raise PlainSettingError(
            f"{path}: write {name}=value in one line, without spaces and above every text of several lines."
        )
    return plain["value"].strip("\"'")


def setting(name: str) -> str:
    """Return a setting of this repository: what the environment says, else `.env.local`, else `.env`."""
    if name in os.environ:
        return os.environ[name]
    values = (plain_setting(ROOT / file, name) for file in (".env.local", ".env"))
    return next((value for value in values if value is not None), "")
