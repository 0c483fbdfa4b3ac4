"""What a new feature, its plural and its fields cannot be called is refused in one line that says the rule."""

import pytest

from devkit.feature.parse import feature_spec
from devkit.terminal import CommandError

NAMES = [
    "",
    "Invoice",
    "in voice",
    "in-voice",
    "$invoice",
    "{{x}}",
    "..",
    "a\nb",
    "😀",
    "x" * 41,
    "-x",
    "1x",
    "_x",
    "x_",
]


@pytest.mark.parametrize(
    "name", [*NAMES, "a__b", "class", "match", "type", "None", "true", "none", "list", "'x'", "../x", "名"]
)
def test_names_that_cannot_be_are_refused_with_the_rule(name: str) -> None:
    with pytest.raises(CommandError) as refusal:
        feature_spec(name, fields="title:str")
    assert "cannot be a feature: " in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("plural", ["Invoices", "match", "type", "class", "invoice"])
def test_a_plural_that_cannot_be_is_refused(plural: str) -> None:
    with pytest.raises(CommandError, match="plural"):
        feature_spec("invoice", fields="title:str", plural=plural)


@pytest.mark.parametrize("name", ["😀", "名"])
def test_what_cannot_be_is_shown_as_it_was_typed(name: str) -> None:
    with pytest.raises(CommandError, match=f"'{name}' cannot be a feature: "):
        feature_spec(name, fields="title:str")


FIELDS = ["", "title", "title:", ":str", "title:string", "title:str,", "title:str,title:int", "title:str;x:int"]
TAKEN = ["id:str", "bool:bool", "model_dump:str", "copy:str", "Title:str", "a b:str", "class:str"]


@pytest.mark.parametrize("fields", [*FIELDS, *TAKEN])
def test_fields_that_cannot_be_are_refused(fields: str) -> None:
    with pytest.raises(CommandError):
        feature_spec("invoice", fields=fields)


def test_a_field_may_be_called_as_what_python_has_built_in() -> None:
    assert [
        field.name for field in feature_spec("invoice", fields="type:str,format:str,none:int,match:int").fields
    ] == [
        "type",
        "format",
        "none",
        "match",
    ]


@pytest.mark.parametrize(
    ("name", "plural"), [("invoice", "invoices"), ("category", "categories"), ("box", "boxes"), ("key", "keys")]
)
def test_the_plural_is_the_usual_one(name: str, plural: str) -> None:
    assert feature_spec(name, fields="a:str").plural == plural
