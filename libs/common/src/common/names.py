"""The rule for the product's name, PROJECT: all that is named after the product must be able to bear it.

MongoDB's database and account, and what extensions and the tools name after it.
"""

import keyword
import re

from common import extensions

# What a product is called where it has no name: in the documents that are generated, and in tests.
UNNAMED = "product"
# MongoDB's databases and the labels of DNS, of which names of hosts consist, have 63 bytes; this leaves 23 for what is
# put behind a name, such as `-migration-1`.
LONGEST = 40
ALLOWED = f"a name is words of small letters and digits with single dashes between them, {LONGEST} characters at most"
_SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TAKEN = {
    **dict.fromkeys(("admin", "config", "local"), "is a database of MongoDB's own"),
    "test": "is the database of MongoDB's shell, and of tests",
}


def problem(name: str) -> str:
    """Return the rule that a name for the product breaks, and what is allowed, in one line; empty when all is well."""
    if reason := _reason(name):
        return f"{name[:LONGEST]!r} {reason}; {ALLOWED}"
    return ""


def _reason(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is the beginning of {len(name)} characters"
    if keyword.iskeyword(name):
        return "is a word of Python"
    if not _SHAPE.fullmatch(name):
        return _misshapen(name)
    taken = dict(pair for extension in extensions.found() for pair in extension.taken_names.items())
    return {**taken, **_TAKEN}.get(name, "")


def _misshapen(name: str) -> str:
    if odd := next((letter for letter in name if not re.fullmatch("[a-z0-9-]", letter)), ""):
        return f"holds {'a capital' if odd.isupper() else repr(odd)}"
    if not name[0].isalpha():
        return "begins with a digit" if name[0] != "-" else "begins with a dash"
    return "ends with a dash" if name.endswith("-") else "holds two dashes in a row"


def checked(name: str) -> str:
    """Return the product's name. Raises ValueError with the rule that it breaks."""
    if reason := problem(name):
        raise ValueError(reason)
    return name
