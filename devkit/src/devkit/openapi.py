"""The API's documents: `docs/openapi.json`, and `docs/api.md` made from it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devkit import ROOT
from devkit.terminal import CommandError, say

_JSON = ROOT / "docs" / "openapi.json"
_MARKDOWN = ROOT / "docs" / "api.md"
_SCALAR_LIST = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")

Json = dict[str, Any]


def write(*, check: bool = False) -> None:
    """Write the documents; with `check` change nothing, and raise CommandError when one is out of date."""
    stale = []
    for path, text in _documents().items():
        name = str(path.relative_to(ROOT))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"wrote {name}")
    if check and stale:
        raise CommandError(f"out of date: {', '.join(stale)}: run `invoke openapi` and commit the change.")


def _documents() -> dict[Path, str]:
    result = subprocess.run([sys.executable, "-m", "api.openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise CommandError("the API cannot be described; the message above says why.")
    return {_JSON: result.stdout.decode(), _MARKDOWN: render(json.loads(result.stdout))}


def render(document: Json) -> str:
    """Return an OpenAPI document as a page that people read: a section per operation, a table per schema."""
    info = document["info"]
    lines = ["<!-- Made by `invoke openapi` from docs/openapi.json; do not edit. -->", f"# {info['title']}", ""]
    lines += [f"Version {info['version']}. {_flat(info.get('description', ''))}", ""]
    for tag, operations in _by_tag(document).items():
        lines += [f"## {tag}", ""]
        for operation in operations:
            lines += operation
    lines += ["## Schemas", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _schema(name, schema)
    return "\n".join(lines).rstrip() + "\n"


def _by_tag(document: Json) -> dict[str, list[list[str]]]:
    sections: dict[str, list[list[str]]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            sections.setdefault(tag, []).append(list(_operation(f"{method.upper()} {path}", operation)))
    return dict(sorted(sections.items()))


def _operation(title: str, operation: Json) -> Iterator[str]:
    yield from (f"### `{title}`", "", " ".join(filter(None, (operation.get("summary"), _description(operation)))), "")
    if parameters := operation.get("parameters"):
        yield from ("| parameter | in | type | |", "|---|---|---|---|")
        for parameter in parameters:
            needed = "required. " if parameter.get("required") else ""
            text = needed + _description(parameter)
            yield f"| `{parameter['name']}` | {parameter['in']} | {_type(parameter['schema'])} | {_cell(text)} |"
        yield ""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield from (f"Request, `{media}`: {_type(content['schema'])}", "")
        yield from _example(content)
    yield from _responses(operation["responses"])


def _responses(responses: Json) -> Iterator[str]:
    yield from ("| status | answer | |", "|---|---|---|")
    for status, response in sorted(responses.items()):
        types = ", ".join(_type(content["schema"]) for content in response.get("content", {}).values())
        yield f"| {status} | {types or 'nothing'} | {_cell(_description(response))} |"
    yield ""
    for response in responses.values():
        for content in response.get("content", {}).values():
            yield from _example(content)


def _example(content: Json) -> Iterator[str]:
    if "example" in content:
        text = json.dumps(content["example"], indent=2, ensure_ascii=False)
        # A list of numbers takes one line, not one line each.
        text = _SCALAR_LIST.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
        yield from ("```json", text, "```", "")


def _schema(name: str, schema: Json) -> Iterator[str]:
    yield from (f"### {name} schema", "")
    if text := _description(schema):
        yield from (text, "")
    if "properties" not in schema:
        yield from (_type(schema), "")
        return
    required = schema.get("required", [])
    yield from ("| field | type | |", "|---|---|---|")
    for field, member in schema["properties"].items():
        text = " ".join(filter(None, ("" if field in required else "optional.", _description(member))))
        yield f"| `{field}` | {_type(member)} | {_cell(text)} |"
    yield ""


def _type(schema: Json) -> str:
    """Return a type in a few words, with its limits."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()}-schema)"
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(option) for option in options)
    if "enum" in schema:
        return " / ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("format") or schema.get("type", "any value")
    kind = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "items" in schema:
        kind = f"list of {_type(schema['items'])}"
    return " ".join(filter(None, (kind, _limits(schema))))


def _limits(schema: Json) -> str:
    low, high = (
        next((str(schema[key]) for key in (f"{end}imum", f"{end}Length", f"{end}Items") if key in schema), "")
        for end in ("min", "max")
    )
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    return f"({low}..{high}{unit})" if low or high else ""


def _description(value: Json) -> str:
    return _flat(value.get("description", ""))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
