"""Each endpoint's answer has the structure of its sample in `docs/samples/<feature>`; change both together.

The samples of a feature are compared in the tests of its routes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.document import operations
from api.openapi import document
from testing.structure import structure_of


def test_every_operation_with_a_body_has_its_sample_and_every_sample_its_operation(pytestconfig: pytest.Config) -> None:
    samples = pytestconfig.rootpath / "docs/samples"
    wanted = {
        Path(operation["tags"][0], f"{operation['operationId']}.json")
        for operation in operations(document())
        if "content" in operation["responses"][min(operation["responses"])]
    }
    assert {
        path.relative_to(samples).with_name(f"{path.name.partition('.')[0]}.json") for path in samples.rglob("*.*")
    } == wanted


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("health/getHealth", "/healthz"),
        ("health/getReadiness", "/readyz"),
        ("health/getVersion", "/version"),
        ("index/getIndex", "/"),
    ],
)
def test_a_plain_answer_has_the_structure_of_its_sample(
    api: FlaskClient, sample: Callable[[str], Any], name: str, path: str
) -> None:
    assert structure_of(api.get(path).get_json()) == structure_of(sample(name))
