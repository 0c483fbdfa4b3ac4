"""The pages made from the OpenAPI document."""

from typing import Any

from devkit.openapi import pages

DOCUMENT: dict[str, Any] = {
    "info": {"title": "A title", "version": "1.2.3", "description": "Two\nlines."},
    "paths": {
        "/things": {
            "post": {
                "tags": ["thing"],
                "summary": "Make a thing.",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {
                        "name": "key",
                        "in": "header",
                        "required": True,
                        "description": "a|b",
                        "schema": {"type": "string"},
                    },
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                },
                "responses": {
                    "204": {"description": "Nothing to say"},
                    "201": {
                        "description": "Made",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Thing"},
                                "example": {"values": [1, 2, 3], "nested": [{"a": []}]},
                            }
                        },
                    },
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 200},
                    "error": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Why it failed."},
                    "values": {"type": "array", "items": {"type": "number"}, "minItems": 1},
                },
            },
            "State": {"enum": ["on", "off"]},
            "Unused": {"properties": {"thing": {"$ref": "#/components/schemas/Thing"}}},
        }
    },
}


ALWAYS = {
    "400": {"description": "Wrong", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}}
}
THINGS = DOCUMENT["paths"]["/things"]
# Another tag that uses one of the schemas, and an answer that every operation has.
TWO_TAGS = {
    **DOCUMENT,
    "tags": [{"name": "Odd ones", "description": "What is odd."}],
    "paths": {
        "/things": {"post": THINGS["post"] | {"responses": THINGS["post"]["responses"] | ALWAYS}},
        "/odd": {
            "get": {
                "tags": ["Odd ones"],
                "responses": {
                    "200": {
                        "description": "Here",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/State"}}},
                    },
                    **ALWAYS,
                },
            }
        },
    },
    "components": {"schemas": {**DOCUMENT["components"]["schemas"], "Fault": {"type": "string"}}},
}


def test_an_operation_shows_parameters_types_answers_and_its_example() -> None:
    made = pages(DOCUMENT)
    assert "# A title\n\nVersion 1.2.3. Two lines." in made["api.md"]
    assert "| `POST /things` | Make a thing. |" in made["api.md"]
    page = made["api/thing.md"]
    assert "## `POST /things`\n\nMake a thing." in page
    assert "| `limit` | query | integer (1..100) |  |" in page
    assert "| `key` | header | string | required. a\\|b |" in page
    assert page.index("| 201 | [Thing](#thing-schema) | Made |") < page.index("| 204 | nothing | Nothing to say |")
    assert '"values": [1, 2, 3]' in page


def test_a_schema_is_a_table_of_its_fields() -> None:
    made = pages(DOCUMENT)
    page = made["api/thing.md"]
    assert "### Thing schema" in page
    assert "| `name` | string (1..200 characters) |  |" in page
    assert "| `error` | string or null | optional. Why it failed. |" in page
    assert "| `values` | list of number (1..) | optional. |" in page
    # One that no operation uses.
    assert "### State schema\n\n`on` / `off`" in made["api.md"]
    assert "| `thing` | [Thing](api/thing.md#thing-schema) | optional. |" in made["api.md"]


def test_what_every_operation_answers_is_said_once_and_a_schema_stands_with_its_only_user() -> None:
    made = pages(TWO_TAGS)
    assert set(made) == {"api.md", "api/thing.md", "api/odd-ones.md"}
    assert "## [Odd ones](api/odd-ones.md)\n\nWhat is odd." in made["api.md"]
    assert "| 400 | [Fault](#fault-schema) | Wrong |" in made["api.md"]
    assert "### Fault schema" in made["api.md"]
    assert "400" not in made["api/thing.md"] + made["api/odd-ones.md"]
    assert "### State schema" in made["api/odd-ones.md"]
    assert "State schema" not in made["api.md"]
    assert "### Thing schema" in made["api/thing.md"]
