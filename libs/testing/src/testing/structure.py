"""The structure of a JSON value: its nested keys and types without its values.

An endpoint's answer and its sample in `docs/samples` have other values but must have one structure, so a test compares
`structure_of(answer) == structure_of(sample)`.
"""

from functools import reduce

# A scalar's name, an object, a list (no member: an empty list, else one member), or a tuple of alternatives.
Structure = str | dict[str, "Structure"] | list["Structure"] | tuple["Structure", ...]

_SCALARS = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}
_ORDER = ("null", "boolean", "integer", "number", "string")


def structure_of(value: object) -> Structure:
    """Return the structure of a value as `json.loads` makes it.

    - `null`, `true`, `1`, `1.0` and `"a"` are `"null"`, `"boolean"`, `"integer"`, `"number"` and `"string"`.
    - An object is a dict from its keys to their structures. The order of keys does not matter.
    - A list is `[structure]`, where the structures of all members are merged into one; an empty list is `[]`.

    Merging is the same in any order and any grouping:

    - equal structures stay what they are; `integer` and `number` become `number`;
    - objects merge key by key; a key that some of them lack becomes optional and is written `key?`;
    - lists merge their members, and an empty list merges into any list;
    - whatever else differs becomes a tuple of alternatives, such as `("null", "string")` for a value that may be null.
      It holds each scalar once and at most one object and one list, in the order null, boolean, integer or number,
      string, object, list.

    Raises TypeError for what JSON does not have, and ValueError for a key that ends in `?`, for that is the mark of an
    optional key.
    """
    if type(value) in _SCALARS:
        return _SCALARS[type(value)]
    if isinstance(value, dict):
        return {_key(key): structure_of(member) for key, member in value.items()}
    if isinstance(value, list):
        return _merged_members([structure_of(member) for member in value])
    raise TypeError(f"JSON has no {type(value).__name__}")


def merged(left: Structure, right: Structure) -> Structure:
    """Return the one structure that both structures fit, by the rules of `structure_of`."""
    alternatives: list[Structure] = []
    for new in (*_alternatives(left), *_alternatives(right)):
        alternatives = _with_alternative(alternatives, new)
    ordered = sorted(alternatives, key=_rank)
    return ordered[0] if len(ordered) == 1 else tuple(ordered)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"JSON has no object key of type {type(key).__name__}")
    if key.endswith("?"):
        raise ValueError(f"the key {key!r} ends in the mark of an optional key")
    return key


def _merged_members(members: list[Structure]) -> list[Structure]:
    return [reduce(merged, members)] if members else []


def _alternatives(structure: Structure) -> tuple[Structure, ...]:
    return structure if isinstance(structure, tuple) else (structure,)


def _rank(structure: Structure) -> int:
    if isinstance(structure, str):
        return _ORDER.index(structure)
    return len(_ORDER) + isinstance(structure, list)


def _with_alternative(alternatives: list[Structure], new: Structure) -> list[Structure]:
    """Add one structure that is no tuple: united with the alternative of its kind, or as one more."""
    for position, old in enumerate(alternatives):
        united = _united(old, new)
        if united is not None:
            return [*alternatives[:position], united, *alternatives[position + 1 :]]
    return [*alternatives, new]


def _united(left: Structure, right: Structure) -> Structure | None:
    """Two structures of one kind as one; None when they are of different kinds."""
    if left == right:
        return left
    if isinstance(left, dict) and isinstance(right, dict):
        return _united_objects(left, right)
    if isinstance(left, list) and isinstance(right, list):
        return _merged_members([*left, *right])
    return "number" if {"integer", "number"} == {str(left), str(right)} else None


def _united_objects(left: dict[str, Structure], right: dict[str, Structure]) -> dict[str, Structure]:
    lefts = {key.removesuffix("?"): member for key, member in left.items()}
    rights = {key.removesuffix("?"): member for key, member in right.items()}
    united: dict[str, Structure] = {}
    for name in lefts | rights:
        required = name in left and name in right
        members = [side[name] for side in (lefts, rights) if name in side]
        united[name if required else f"{name}?"] = reduce(merged, members)
    return united
