"""The API's documents: `docs/openapi.json`; `docs/api.md`, and a page in `docs/api/` for each tag, made from it."""

import json
import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit import ROOT
from devkit.terminal import CommandError, say

_DOCS = ROOT / "docs"
_OVERVIEW = "api.md"
_MADE = "<!-- Made by `invoke openapi` from docs/openapi.json; do not edit. -->"
_SCALAR_LIST = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")
_REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')

Json = dict[str, Any]


def write(*, check: bool = False) -> None:
    """Write the documents; with `check` change nothing, and raise CommandError when one is out of date."""
    documents = _documents()
    left = {path: None for path in _DOCS.glob("api/*.md") if path not in documents}
    stale = []
    for path, text in sorted({**documents, **left}.items()):
        name = str(path.relative_to(ROOT))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if check:
            continue
        if text is None:
            path.unlink()
            say(f"deleted {name}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"wrote {name}")
    if check and stale:
        raise CommandError(f"out of date: {', '.join(stale)}: run `invoke openapi` and commit the change.")


def _documents() -> dict[Path, str]:
    result = subprocess.run([sys.executable, "-m", "api.openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise CommandError("the API cannot be described; the message above says why.")
    made = {"openapi.json": result.stdout.decode(), **pages(json.loads(result.stdout))}
    return {_DOCS / name: text for name, text in made.items()}


def pages(document: Json) -> dict[str, str]:
    """Return an OpenAPI document as pages that people read, by their paths below `docs`.

    One tells what there is and what all operations have in common. Each tag has another one: a section per operation, a
    table per schema.
    """
    tags = _by_tag(document)
    schemas = document["components"]["schemas"]
    used = {tag: _reachable(operations, schemas) for tag, operations in tags.items()}
    users = Counter(name for reached in used.values() for name in reached)
    homes = {name: _page_name(tag) for tag, reached in used.items() for name in reached if users[name] == 1}
    common = _common([operation for operations in tags.values() for operation in operations.values()])
    made = {_OVERVIEW: _Page(_OVERVIEW, schemas, homes, common).overview(document, tags)}
    for tag, operations in tags.items():
        name = _page_name(tag)
        made[name] = _Page(name, schemas, homes, common).of_tag(tag, operations)
    return {name: "\n".join(lines).rstrip() + "\n" for name, lines in made.items()}


def _by_tag(document: Json) -> dict[str, dict[str, Json]]:
    """Return the operations of each tag, by method and path."""
    tags: dict[str, dict[str, Json]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            tags.setdefault(tag, {})[f"{method.upper()} {path}"] = operation
    return dict(sorted(tags.items()))


def _page_name(tag: str) -> str:
    return f"api/{re.sub(r'[^a-z0-9_-]+', '-', tag.lower())}.md"


def _reachable(value: Any, schemas: Json) -> set[str]:
    """Return the names of the schemas that a value refers to, and those refer to."""
    reached: set[str] = set()
    waiting = _REFERENCE.findall(json.dumps(value))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _REFERENCE.findall(json.dumps(schemas[name]))
    return reached


def _common(operations: list[Json]) -> Json:
    """Return the responses that all operations have, by status."""
    first, *others = (operation["responses"] for operation in operations)
    return {
        status: response
        for status, response in first.items()
        if others and all(other.get(status) == response for other in others)
    }


@dataclass(frozen=True)
class _Page:
    """One page. `homes` tells on which page a schema stands that only one has use for."""

    name: str
    schemas: Json
    homes: Mapping[str, str]
    common: Json

    def overview(self, document: Json, tags: Mapping[str, Mapping[str, Json]]) -> list[str]:
        """Return the page that leads to the others."""
        info = document["info"]
        about = {tag["name"]: _description(tag) for tag in document.get("tags", ())}
        lines = [_MADE, f"# {info['title']}", ""]
        lines += [f"Version {info['version']}. {_flat(info.get('description', ''))}", ""]
        for tag, operations in tags.items():
            lines += [f"## [{tag}]({_page_name(tag)})", ""]
            lines += [about[tag], ""] if about.get(tag) else []
            lines += ["| operation | |", "|---|---|"]
            lines += [
                f"| `{title}` | {_cell(operation.get('summary', ''))} |" for title, operation in operations.items()
            ]
            lines += [""]
        if self.common:
            lines += ["## Answers of every operation", "", *self._responses(self.common)]
        return lines + self._schemas()

    def of_tag(self, tag: str, operations: Mapping[str, Json]) -> list[str]:
        """Return the page of a tag."""
        lines = [_MADE, f"# {tag}", ""]
        for title, operation in operations.items():
            lines += self._operation(title, operation)
        return lines + self._schemas()

    def _schemas(self) -> list[str]:
        here = {name: schema for name, schema in sorted(self.schemas.items()) if self._home(name) == self.name}
        lines = ["## Schemas", ""] if here else []
        for name, schema in here.items():
            lines += self._schema(name, schema)
        return lines

    def _home(self, schema: str) -> str:
        return self.homes.get(schema, _OVERVIEW)

    def _operation(self, title: str, operation: Json) -> Iterator[str]:
        yield from (
            f"## `{title}`",
            "",
            " ".join(filter(None, (operation.get("summary"), _description(operation)))),
            "",
        )
        if parameters := operation.get("parameters"):
            yield from ("| parameter | in | type | |", "|---|---|---|---|")
            for parameter in parameters:
                needed = "required. " if parameter.get("required") else ""
                text, kind = _cell(needed + _description(parameter)), self._type(parameter["schema"])
                yield f"| `{parameter['name']}` | {parameter['in']} | {kind} | {text} |"
            yield ""
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield from (f"Request, `{media}`: {self._type(content['schema'])}", "")
            yield from _example(content)
        own = {status: response for status, response in operation["responses"].items() if status not in self.common}
        yield from self._responses(own)

    def _responses(self, responses: Json) -> Iterator[str]:
        yield from ("| status | answer | |", "|---|---|---|")
        for status, response in sorted(responses.items()):
            types = ", ".join(self._type(content["schema"]) for content in response.get("content", {}).values())
            yield f"| {status} | {types or 'nothing'} | {_cell(_description(response))} |"
        yield ""
        for response in responses.values():
            for content in response.get("content", {}).values():
                yield from _example(content)

    def _schema(self, name: str, schema: Json) -> Iterator[str]:
        yield from (f"### {name} schema", "")
        if text := _description(schema):
            yield from (text, "")
        if "properties" not in schema:
            yield from (self._type(schema), "")
            return
        required = schema.get("required", [])
        yield from ("| field | type | |", "|---|---|---|")
        for field, member in schema["properties"].items():
            text = " ".join(filter(None, ("" if field in required else "optional.", _description(member))))
            yield f"| `{field}` | {self._type(member)} | {_cell(text)} |"
        yield ""

    def _type(self, schema: Json) -> str:
        """Return a type in a few words, with its limits."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            page = self._home(name)
            home = "" if page == self.name else posixpath.relpath(page, posixpath.dirname(self.name) or ".")
            return f"[{name}]({home}#{name.lower()}-schema)"
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return " or ".join(self._type(option) for option in options)
        if "enum" in schema:
            return " / ".join(f"`{value}`" for value in schema["enum"])
        kind = schema.get("format") or schema.get("type", "any value")
        kind = " or ".join(kind) if isinstance(kind, list) else str(kind)
        if "items" in schema:
            kind = f"list of {self._type(schema['items'])}"
        return " ".join(filter(None, (kind, _limits(schema))))


def _example(content: Json) -> Iterator[str]:
    if "example" in content:
        text = json.dumps(content["example"], indent=2, ensure_ascii=False)
        # A list of numbers takes one line, not one line each.
        text = _SCALAR_LIST.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
        yield from ("```json", text, "```", "")


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
