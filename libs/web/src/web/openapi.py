"""The OpenAPI document of an API as it is committed. Needs no server and no secret.

In the root of the repository, it takes the version from `.env` and each operation's example from its sample in
`docs/samples/<feature>`, so the document that is exported shows answers that tests compare with the real ones. It is
committed, so it does not hold the product's name, which has one place; the document that a running API serves does.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from apiflask import APIFlask

from common.config import Settings
from common.names import UNNAMED
from web.document import Json, operations

SAMPLES = Path("docs/samples")


def described(create: Callable[[Settings], APIFlask], samples: Path = SAMPLES) -> Json:
    """Return the document of the API that is made, with the samples that stand in that folder as examples."""
    settings = Settings.load({"ENVIRONMENT": "test", "PROJECT": UNNAMED}, env_files=[Path(".env")])
    spec = create(settings).spec
    if not isinstance(spec, dict):
        raise TypeError("APIFlask made YAML where JSON was wanted.")
    for operation in operations(spec):
        # The tag of an operation is its feature.
        _add_example(operation, samples / operation["tags"][0] / f"{operation['operationId']}.json")
    return spec


def _add_example(operation: Json, sample: Path) -> None:
    if sample.is_file():
        status = min(operation["responses"])
        operation["responses"][status]["content"]["application/json"]["example"] = read_sample(sample)


def read_sample(path: Path) -> Json:
    """Return a sample, with what others add to it: `NAME.<addition>.json` beside `NAME.json`."""
    sample: Json = json.loads(path.read_text("utf-8"))
    for addition in sorted(path.parent.glob(f"{path.stem}.*.json")):
        _merge(sample, json.loads(addition.read_text("utf-8")))
    return sample


def _merge(into: Json, more: Json) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and name in into:
            _merge(into[name], value)
        else:
            into[name] = value


def write(document: Json) -> None:
    """Write a document to standard output, always in the same order."""
    json.dump(document, sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")
