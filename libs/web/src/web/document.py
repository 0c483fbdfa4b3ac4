"""The OpenAPI document: what APIFlask collects, completed with what every operation of this API has in common."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from apiflask import APIFlask

from common.config import Settings
from web.problems import Problem

Json = dict[str, Any]
# What `@bp.doc(responses=...)` takes.
Responses = dict[int | str, dict[str, str | dict[str, Json]]]

SCHEMAS = "#/components/schemas/"
DESCRIPTION = """\
Every error is `application/problem+json` (RFC 9457) and carries the id of its request. Send an `X-Request-ID` of up to
64 letters, digits, `.`, `_` or `-` to choose that id yourself; each answer echoes it.
"""
REQUEST_ID = {
    "description": "The id of this request in the server's log.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}
ALWAYS = {"400": "The request is malformed, or its Host is not served here.", "500": "Something went wrong here."}
WITH_BODY = {
    "413": "The body is too large.",
    "415": "The body is not `application/json`.",
    "422": "The body or a parameter is not valid; `errors` tells where.",
}
WITH_PARAMETERS = {"422": "A parameter is not valid; `errors` tells which."}
WITH_PATH = {"404": "There is nothing at this address."}


def install(app: APIFlask) -> None:
    """Turn APIFlask's own error responses off, which are not ours, and complete its document."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        AUTO_404_RESPONSE=False,
        AUTO_SERVERS=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        DESCRIPTION=DESCRIPTION,
        SERVERS=[{"url": "/", "description": f"Where this document comes from ({settings.project})."}],
    )
    # What extensions add to the document: each is called with it before it is completed.
    descriptions: list[Callable[[Json], None]] = []
    app.extensions["descriptions"] = descriptions

    def completed_with_additions(document: Json) -> Json:
        for describe in descriptions:
            describe(document)
        return completed(document)

    app.spec_processor(completed_with_additions)  # type: ignore[arg-type]  # a str would be YAML, which is not asked for


def completed(document: Json) -> Json:
    """Return the document with its errors, headers and parameters as they really are."""
    document = _with_short_names(document)
    schema = Problem.model_json_schema(mode="serialization", ref_template=f"{SCHEMAS}{{model}}")
    document["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
    for operation in operations(document):
        _complete_parameters(operation)
        _complete_responses(operation)
    return document


def operations(document: Json) -> Iterator[Json]:
    """Yield each operation of the document."""
    for path in document["paths"].values():
        yield from path.values()


def _with_short_names(document: Json) -> Json:
    """Return one schema per model: APIFlask repeats a nested one as `Outer.Inner` for every outer one."""
    short = json.loads(re.sub(rf"({SCHEMAS})\w+\.(\w+)", r"\1\2", json.dumps(document)))
    schemas: Json = {}
    for name, schema in short["components"]["schemas"].items():
        if schemas.setdefault(name.rpartition(".")[2], schema) != schema:
            raise ValueError(f"Two different models are called {name.rpartition('.')[2]}; rename one.")
    short["components"]["schemas"] = schemas
    return dict(short)


def _complete_parameters(operation: Json) -> None:
    """Put descriptions where tools look for them, and spell headers as people do.

    An optional parameter may be left out, but it cannot be null, as its model would have it.
    """
    for parameter in operation["parameters"]:
        schema = parameter["schema"]
        parameter["description"] = schema["description"]
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
        kinds = [kind for kind in schema.get("anyOf", [schema]) if kind != {"type": "null"}]
        schema = kinds[0] | {key: schema[key] for key in ("default",) if schema.get(key) is not None}
        parameter["schema"] = {key: value for key, value in schema.items() if key not in {"title", "description"}}


def _complete_responses(operation: Json) -> None:
    responses = operation["responses"]
    for status, description in _common_problems(operation).items():
        responses.setdefault(status, {"description": description})
    for status, response in responses.items():
        response.setdefault("headers", {})["X-Request-ID"] = REQUEST_ID
        if int(status) >= 400:
            problem = {"schema": {"$ref": f"{SCHEMAS}Problem"}}
            response["content"] = {"application/problem+json": problem}
    operation["responses"] = dict(sorted(responses.items()))


def _common_problems(operation: Json) -> dict[str, str]:
    responses = dict(ALWAYS)
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        responses |= WITH_BODY
    elif places - {"path"}:
        responses |= WITH_PARAMETERS
    return responses | WITH_PATH if "path" in places else responses
