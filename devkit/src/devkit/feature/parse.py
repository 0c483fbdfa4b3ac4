"""Reads what a new feature is to be, as it was typed."""

import builtins
import keyword
import re
from collections.abc import Iterable

from pydantic import BaseModel

from devkit.feature.found_options import all_options
from devkit.feature.spec import TYPES, FeatureSpec, Field
from devkit.terminal import CommandError

# The longest index name and the longest line stay readable with it.
_LONGEST = 40
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
# What only a prompt has is none.
_BUILTINS = frozenset(dir(builtins)) - {"copyright", "credits", "exit", "license", "quit"}
# What begins a statement at some places alone, on any Python that runs this. A field may be called so.
_SOFT_KEYWORDS = frozenset({*keyword.softkwlist, "type"})
# Variables have a feature's name, and a model with a capital.
_NO_FEATURES = _BUILTINS | _SOFT_KEYWORDS | {word.lower() for word in keyword.kwlist}
# What the plumbing itself keeps in a document and answers.
_TAKEN = frozenset({"id", "version", "created_at", "updated_at"})


def feature_spec(name: str, *, fields: str, plural: str = "", options: Iterable[str] = ()) -> FeatureSpec:
    """Return what is asked for. Raises CommandError when a name or a field cannot be."""
    _refuse_name("a feature", name, _NO_FEATURES)
    plural = plural or _plural(name)
    _refuse_name("a plural", plural, _SOFT_KEYWORDS)
    if plural == name:
        raise CommandError(f"--plural={plural} is the name itself: a feature and its collection need two.", code=2)
    return FeatureSpec(name, plural, _fields(fields), frozenset(options))


def _fields(text: str) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    taken = _TAKEN.union(*(option.taken for option in all_options().values()))
    for word in text.split(","):
        name, colon, kind = (part.strip() for part in word.partition(":"))
        _refuse_name("a field", name)
        if name in taken or hasattr(BaseModel, name) or name.startswith("model_") or name == "bool":
            raise CommandError(f"--fields: every resource has {name!r} of its own already: choose another.", code=2)
        if not colon or kind not in TYPES:
            raise CommandError(
                f"--fields: {word.strip()!r} has to be NAME:TYPE, with one of {', '.join(TYPES)}.", code=2
            )
        if name in fields:
            raise CommandError(f"--fields: {name!r} stands there twice.", code=2)
        fields[name] = Field(name, TYPES[kind])
    return tuple(fields.values())


def _refuse_name(what: str, name: str, taken: frozenset[str] = frozenset()) -> None:
    """Raise CommandError, which says the rule, for a name that Python or MongoDB would not take everywhere."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        rule = f"lower-case letters, digits and single underscores, a letter first, at most {_LONGEST}"
        raise CommandError(f"{name[:60]!r} cannot be {what}: allowed are {rule}, such as sales_order.", code=2)
    if keyword.iskeyword(name) or name in taken:
        raise CommandError(f"{name!r} cannot be {what}: it is a word of Python's own.", code=2)


def _plural(name: str) -> str:
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"
