"""What a new feature is to be: its name, its fields, and whether it has a job and a schedule."""

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from devkit.terminal import CommandError

# The longest index name and the longest line stay readable with it.
_LONGEST = 40
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
# What the plumbing itself keeps in a document and answers.
_TAKEN = {"id", "version", "created_at", "updated_at", "status", "progress", "attempts", "error", "result", "job"}


@dataclass(frozen=True)
class FieldType:
    """A type of field: its annotation, the module that has it, and two values of it as JSON, and one that is none."""

    annotation: str
    module: str
    first: Any
    second: Any
    wrong: Any


TYPES: Mapping[str, FieldType] = {
    "str": FieldType("Title", "common.fields", "First", "Second", ""),
    "text": FieldType("Text", "common.fields", "One line", "Two\nlines", 1),
    "int": FieldType("WholeNumber", "common.fields", 1, 2, "1"),
    "float": FieldType("FiniteFloat", "pydantic", 1.5, 2.5, "1.5"),
    "decimal": FieldType("Amount", "common.fields", "12.50", "0.75", 12.5),
    "bool": FieldType("bool", "", first=False, second=True, wrong="true"),
    "date": FieldType("Day", "common.fields", "2026-01-31", "2026-02-28", "2026-02-30"),
    "datetime": FieldType("Moment", "common.fields", "2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z", "2026-01-31"),
}


@dataclass(frozen=True)
class Field:
    """A field of a feature's resource."""

    name: str
    type: FieldType


@dataclass(frozen=True)
class FeatureSpec:
    """A feature that is to be made."""

    name: str
    plural: str
    fields: tuple[Field, ...]
    has_job: bool
    has_schedule: bool

    @property
    def words(self) -> str:
        """The name in a sentence."""
        return self.name.replace("_", " ")

    @property
    def plural_words(self) -> str:
        """The plural in a sentence."""
        return self.plural.replace("_", " ")

    @property
    def one(self) -> str:
        """The name in a sentence, behind its article."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.words}"

    @property
    def type(self) -> str:
        """The name of its model."""
        return _camel(self.name)

    @property
    def types(self) -> str:
        """The plural in the names of operations."""
        return _camel(self.plural)

    @property
    def path(self) -> str:
        """The last part of its address."""
        return self.plural.replace("_", "-")

    @cached_property
    def imports(self) -> Mapping[str, list[str]]:
        """The names of the types of its fields, by their modules."""
        modules = {field.type.module for field in self.fields} - {""}
        return {
            module: sorted({field.type.annotation for field in self.fields if field.type.module == module})
            for module in sorted(modules)
        }

    @property
    def example(self) -> dict[str, Any]:
        """What is sent to make one, as JSON."""
        return {field.name: field.type.first for field in self.fields}

    @property
    def other_example(self) -> dict[str, Any]:
        """The same with other values."""
        return {field.name: field.type.second for field in self.fields}


def feature_spec(name: str, *, plural: str, fields: str, has_job: bool, has_schedule: bool) -> FeatureSpec:
    """Return what the options of the command ask for. Raise CommandError when one is invalid."""
    _refuse_name("a feature", name)
    plural = plural or _plural(name)
    _refuse_name("a plural", plural)
    if plural == name:
        raise CommandError(f"--plural={plural} is the name itself: a feature and its collection need two.", code=2)
    return FeatureSpec(name, plural, _fields(fields), has_job=has_job, has_schedule=has_schedule)


def _fields(text: str) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    for word in text.split(","):
        name, colon, kind = (part.strip() for part in word.partition(":"))
        _refuse_name("a field", name)
        if name in _TAKEN or hasattr(BaseModel, name) or name.startswith("model_") or name == "bool":
            raise CommandError(f"--fields: every resource has {name!r} of its own already: choose another.", code=2)
        if not colon or kind not in TYPES:
            raise CommandError(
                f"--fields: {word.strip()!r} has to be NAME:TYPE, with one of {', '.join(TYPES)}.", code=2
            )
        if name in fields:
            raise CommandError(f"--fields: {name!r} stands there twice.", code=2)
        fields[name] = Field(name, TYPES[kind])
    return tuple(fields.values())


def _refuse_name(what: str, name: str) -> None:
    """Raise CommandError, which says the rule, for a name that Python or MongoDB would not take everywhere."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        rule = f"lower-case letters, digits and single underscores, a letter first, at most {_LONGEST}"
        raise CommandError(
            f"{json.dumps(name[:60])} cannot be {what}: allowed are {rule}, such as sales_order.", code=2
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise CommandError(f"{name!r} cannot be {what}: it is a word of Python's own.", code=2)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _plural(name: str) -> str:
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"
