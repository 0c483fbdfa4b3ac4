"""What a new feature is to be: its name, its fields, and its options."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


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
    options: frozenset[str]

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


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
