"""The page made from the OpenAPI document."""

from devkit.openapi import render

DOCUMENT = {
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
        }
    },
}


def test_an_operation_shows_parameters_types_answers_and_its_example() -> None:
    page = render(DOCUMENT)
    assert "# A title\n\nVersion 1.2.3. Two lines." in page
    assert "### `POST /things`\n\nMake a thing." in page
    assert "| `limit` | query | integer (1..100) |  |" in page
    assert "| `key` | header | string | required. a\\|b |" in page
    assert page.index("| 201 | [Thing](#thing-schema) | Made |") < page.index("| 204 | nothing | Nothing to say |")
    assert '"values": [1, 2, 3]' in page


def test_a_schema_is_a_table_of_its_fields() -> None:
    page = render(DOCUMENT)
    assert "### Thing schema" in page
    assert "| `name` | string (1..200 characters) |  |" in page
    assert "| `error` | string or null | optional. Why it failed. |" in page
    assert "| `values` | list of number (1..) | optional. |" in page
    assert "### State schema\n\n`on` / `off`" in page
