"""Each endpoint's answer has the structure of its sample in `docs/samples/<feature>`; change both together.

The samples of a feature are compared in the tests of its routes.
"""

from pathlib import Path

import pytest

from api.openapi import document
from web.document import operations


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
