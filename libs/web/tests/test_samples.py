"""What every API answers has the structure of its sample in `docs/samples`; change both together."""

import pytest
from flask.testing import FlaskClient

from testing.structure import structure_of
from web.openapi import read_sample


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
    api: FlaskClient, pytestconfig: pytest.Config, name: str, path: str
) -> None:
    sample = read_sample(pytestconfig.rootpath / f"docs/samples/{name}.json")
    assert structure_of(api.get(path).get_json()) == structure_of(sample)
