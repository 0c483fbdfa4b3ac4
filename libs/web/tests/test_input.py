"""What strangers send with a POST. None of it is a 500.

None of it reaches the database either: there is none here, and to ask for it would be answered with 503.
"""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

URL = "/api/v1/resources"


def with_values(values: str) -> bytes:
    return b'{"title": "a", "values": ' + values.encode() + b"}"


NOT_JSON = {
    "nothing": b"",
    "a space": b" ",
    "cut off": b'{"title": "a", "values": [1',
    "two values": b"{}{}",
    "single quotes": b"{'title': 'a'}",
    "a trailing comma": b'{"title": "a", "values": [1],}',
    "a comment": b'{"title": "a", "values": [1]} // hi',
    "NaN": with_values("[NaN]"),
    "Infinity": with_values("[Infinity]"),
    "-Infinity": with_values("[-Infinity]"),
    "a leading zero": with_values("[01]"),
    "a plus sign": with_values("[+1]"),
    "hexadecimal": with_values("[0x10]"),
    "broken UTF-8": b'{"title": "\xff\xfe", "values": [1]}',
    "UTF-16": '{"title": "a", "values": [1]}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"title": "a", "values": [1]}',
    "half a surrogate pair": b'{"title": "\\ud800", "values": [1]}',
    "a raw control character": b'{"title": "\x01", "values": [1]}',
    "30,000 open lists": b"[" * 30_000,
    "30,000 nested lists": b"[" * 30_000 + b"]" * 30_000,
    "30,000 nested objects": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "a number of 60,000 digits": with_values(f"[{'9' * 60_000}]"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "a form": b"title=a&values=1",
}

NOT_VALID: dict[str, tuple[Any, set[str]]] = {
    "a list": ([], {""}),
    "a string": ("a", {""}),
    "null": (None, {"/title", "/values"}),
    "a number": (1, {""}),
    "no field": ({}, {"/title", "/values"}),
    "no title": ({"values": [1]}, {"/title"}),
    "no values": ({"title": "a"}, {"/values"}),
    "an unknown field": ({"title": "a", "values": [1], "x": 1}, {"/x"}),
    "a field of the answer": ({"title": "a", "values": [1], "created_at": "done"}, {"/created_at"}),
    "a nested field": ({"title": "a", "values": [1], "more": {"state": "done"}}, {"/more"}),
    "an id": ({"title": "a", "values": [1], "_id": "0" * 24}, {"/_id"}),
    "a field whose name needs escaping": ({"title": "a", "values": [1], "a/b~c": 1}, {"/a~1b~0c"}),
    "a dollar field": ({"title": "a", "values": [1], "$where": "1"}, {"/$where"}),
    "another spelling": ({"Title": "a", "values": [1]}, {"/title", "/Title"}),
    "an empty title": ({"title": "", "values": [1]}, {"/title"}),
    "a title of 201 characters": ({"title": "x" * 201, "values": [1]}, {"/title"}),
    "a title of a megabyte": ({"title": "x" * 2**20, "values": [1]}, {"/title"}),
    "null for a title": ({"title": None, "values": [1]}, {"/title"}),
    "a number for a title": ({"title": 1, "values": [1]}, {"/title"}),
    "a list for a title": ({"title": ["a"], "values": [1]}, {"/title"}),
    "a query for a title": ({"title": {"$gt": ""}, "values": [1]}, {"/title"}),
    "JavaScript for a title": ({"title": {"$where": "sleep(1000)"}, "values": [1]}, {"/title"}),
    "a NUL in a title": ({"title": "a\0b", "values": [1]}, {"/title"}),
    "a line break in a title": ({"title": "a\nINFO forged", "values": [1]}, {"/title"}),
    "no value": ({"title": "a", "values": []}, {"/values"}),
    "100,001 values": ({"title": "a", "values": [1] * 100_001}, {"/values"}),
    "null for values": ({"title": "a", "values": None}, {"/values"}),
    "a number for values": ({"title": "a", "values": 1}, {"/values"}),
    "a string for values": ({"title": "a", "values": "123"}, {"/values"}),
    "an object for values": ({"title": "a", "values": {"0": 1}}, {"/values"}),
    "a query for values": ({"title": "a", "values": {"$gt": 0}}, {"/values"}),
    "false for a number": ({"title": "a", "values": [1, 2, False]}, {"/values/2"}),
    "true for a number": ({"title": "a", "values": [True]}, {"/values/0"}),
    "null for a number": ({"title": "a", "values": [1, None]}, {"/values/1"}),
    "a digit string for a number": ({"title": "a", "values": ["1"]}, {"/values/0"}),
    "NaN as a string": ({"title": "a", "values": ["NaN"]}, {"/values/0"}),
    "a list for a number": ({"title": "a", "values": [[1]]}, {"/values/0"}),
    "a query for a number": ({"title": "a", "values": [{"$gt": 0}]}, {"/values/0"}),
    "an integer beyond all floats": ({"title": "a", "values": [10**400]}, {"/values/0"}),
}


def post(api: FlaskClient, body: bytes) -> tuple[int, list[dict[str, str]]]:
    response = api.post(URL, data=body, content_type="application/json")
    return response.status_code, response.get_json(force=True).get("errors", [])


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_is_malformed(offline: FlaskClient, body: bytes) -> None:
    status, errors = post(offline, body)
    assert status == 400
    assert [(error["in"], error["pointer"]) for error in errors] == [("body", "")]


@pytest.mark.parametrize(("body", "pointers"), NOT_VALID.values(), ids=NOT_VALID.keys())
def test_what_does_not_fit_is_refused_and_pointed_at(offline: FlaskClient, body: object, pointers: set[str]) -> None:
    status, errors = post(offline, json.dumps(body).encode())
    assert status == 422
    assert {error["pointer"] for error in errors} == pointers
    assert {error["in"] for error in errors} == {"body"}


def test_a_float_that_overflows_is_no_number(offline: FlaskClient) -> None:
    status, errors = post(offline, with_values("[1e400]"))
    assert (status, errors[0]["pointer"]) == (422, "/values/0")


def test_a_hundred_thousand_mistakes_are_told_by_a_few(offline: FlaskClient) -> None:
    status, errors = post(offline, json.dumps({"title": "a", "values": [False] * 100_000}).encode())
    assert status == 422
    assert 1 <= len(errors) <= 20
    assert errors[0]["pointer"] == "/values/0"


def test_a_hundred_thousand_unknown_fields_are_refused_before_each_becomes_an_error(offline: FlaskClient) -> None:
    status, errors = post(offline, json.dumps({f"x{number}": 0 for number in range(100_000)}).encode())
    assert status == 422
    assert [error["pointer"] for error in errors] == [""]


def test_a_name_of_a_megabyte_is_not_repeated(offline: FlaskClient) -> None:
    status, errors = post(offline, json.dumps({"title": "a", "values": [1], "x" * 2**20: 1}).encode())
    assert status == 422
    assert len(errors[0]["pointer"]) < 250


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x" * 200, "values": [1]},
        {"title": "\u65e5\u672c\u8a9e \U0001f600", "values": [0, -0.0, 1.5, -1e308, 1e308, 5e-324]},
        {"title": "$where", "values": [2**53]},
        {"title": "a", "values": [1] * 100_000},
    ],
    ids=["a long title", "other scripts and extreme numbers", "a title like an operator", "100,000 values"],
)
def test_what_fits_is_accepted(api: FlaskClient, body: dict[str, Any]) -> None:
    response = api.post(URL, data=json.dumps(body), content_type="application/json; charset=utf-8")
    assert response.status_code == 201
    assert response.get_json()["title"] == body["title"]
