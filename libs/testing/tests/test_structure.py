import json
from itertools import permutations

import pytest

from testing.structure import Structure, merged, structure_of


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("null", "null"),
        ("true", "boolean"),
        ("false", "boolean"),
        ("0", "integer"),
        ("-12", "integer"),
        ("1.0", "number"),
        ("1e3", "number"),
        ('""', "string"),
        ("{}", {}),
        ("[]", []),
        ("[[]]", [[]]),
        ('{"a": {"b": [1]}}', {"a": {"b": ["integer"]}}),
        ("[1, 2]", ["integer"]),
        ("[1, 2.5]", ["number"]),
        ("[2.5, 1, null]", [("null", "number")]),
        ("[true, 1]", [("boolean", "integer")]),
        ("[true, 1.5, 1]", [("boolean", "number")]),
        ('["a", null, "b"]', [("null", "string")]),
        ('[null, {"a": 1}, [1], "x"]', [("null", "string", {"a": "integer"}, ["integer"])]),
        ("[null, null]", ["null"]),
        ("[[], [1], []]", [["integer"]]),
        ("[[], null]", [("null", [])]),
        ("[[1], null, [2.5]]", [("null", ["number"])]),
        ("[[1], [null]]", [[("null", "integer")]]),
        ('[{"a": 1}, {"a": 2}]', [{"a": "integer"}]),
        ('[{"a": 1}, {"a": null}]', [{"a": ("null", "integer")}]),
        ('[{"a": 1}, {}]', [{"a?": "integer"}]),
        ('[{}, {"a": 1}, {"a": 2.5}]', [{"a?": "number"}]),
        ('[{"a": 1, "b": 1}, {"a": 1}, {"b": "x"}]', [{"a?": "integer", "b?": ("integer", "string")}]),
        ('[{"a": {"b": 1}}, {"a": {"c": 1}}]', [{"a": {"b?": "integer", "c?": "integer"}}]),
        ('[{"a": [{"b": 1}]}, {"a": []}]', [{"a": [{"b": "integer"}]}]),
        ('[{"a": 1}, null, {"b": 1}]', [("null", {"a?": "integer", "b?": "integer"})]),
        ('[[{"a": 1}], [{"b": 1}]]', [[{"a?": "integer", "b?": "integer"}]]),
        ('{"": 1}', {"": "integer"}),
        ('[{"": 1}, {}]', [{"?": "integer"}]),
    ],
)
def test_the_structure_of_a_json_text(text: str, structure: Structure) -> None:
    assert structure_of(json.loads(text)) == structure


def test_the_order_of_keys_does_not_matter() -> None:
    assert structure_of({"a": 1, "b": "x"}) == structure_of({"b": "y", "a": 2})


def test_a_missing_key_another_type_and_another_nesting_are_other_structures() -> None:
    structures = [structure_of(value) for value in ({"a": 1}, {"a": "1"}, {"a": [1]}, {"a": {"a": 1}}, {"b": 1}, {})]
    assert all(left != right for left, right in permutations(structures, 2))


def test_an_optional_key_is_not_a_required_one() -> None:
    assert structure_of([{"a": 1}]) != structure_of([{"a": 1}, {}])


@pytest.mark.parametrize(
    "members",
    [
        [None, 1, 2.5, "a"],
        [{"a": 1}, {"a": None, "b": []}, {"b": [1.5]}, {}],
        [[], [1], [None], None],
        [{"a": [{"x": 1}]}, {"a": [{"y": True}]}, {"a": None}, 7],
    ],
)
def test_merging_is_the_same_in_any_order_and_any_grouping(members: list[object]) -> None:
    expected = structure_of(members)
    for order in permutations(members):
        first, second, third, fourth = map(structure_of, order)
        assert [merged(merged(first, second), merged(third, fourth))] == expected
        assert [merged(first, merged(second, merged(third, fourth)))] == expected


@pytest.mark.parametrize("value", [object(), b"bytes", (1, 2), {1, 2}, {1: "a"}, {"a": [object()]}, 1j])
def test_what_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="JSON has no"):
        structure_of(value)


def test_a_key_that_looks_like_an_optional_one_is_refused() -> None:
    with pytest.raises(ValueError, match="optional"):
        structure_of({"sure?": 1})
