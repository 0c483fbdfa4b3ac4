import json
import re
import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
from apiflask import APIFlask
from openapi_spec_validator import validate

from api.app import create_app
from api.openapi import document
from common.config import Settings
from web.document import operations

Json = dict[str, Any]

# Not part of the API: the document itself, metrics, and pages for people.
APART = {"openapi.spec", "docs.page", "docs.asset", "metrics.metrics"}


@pytest.fixture(scope="module")
def spec() -> Json:
    return document()


def test_the_document_is_valid(spec: Json) -> None:
    assert spec["openapi"].startswith("3.1")
    validate(spec)


@pytest.fixture
def product(offline_settings: Settings) -> APIFlask:
    """The API of the product, which the document is of."""
    return create_app(offline_settings)


def test_every_route_stands_in_the_document_and_vice_versa(product: APIFlask, spec: Json) -> None:
    rules = [rule for rule in product.url_map.iter_rules() if rule.endpoint not in APART]
    served = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(path, method) for path, found in spec["paths"].items() for method in found}


def test_the_served_document_is_the_printed_one_but_for_the_samples(product: APIFlask, spec: Json) -> None:
    served, printed = product.test_client().get("/openapi.json").get_json(), deepcopy(spec)
    for operation in operations(printed):
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                content.pop("example", None)
    assert served["paths"] == printed["paths"]
    assert served["components"] == printed["components"]


def test_every_operation_is_described(spec: Json) -> None:
    found = list(operations(spec))
    tags = {tag["name"] for tag in spec["tags"] if tag["description"]}
    assert all(each["summary"] and set(each["tags"]) <= tags for each in found)
    names = [each["operationId"] for each in found]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+[A-Z][A-Za-z]+", name) for name in names)


def test_every_parameter_is_described(spec: Json) -> None:
    parameters = [parameter for operation in operations(spec) for parameter in operation["parameters"]]
    assert all(parameter["description"] for parameter in parameters)


def test_every_error_is_a_problem_and_every_answer_has_a_request_id(spec: Json) -> None:
    for operation in operations(spec):
        assert {"400", "500"} < operation["responses"].keys()
        for status, response in operation["responses"].items():
            assert "X-Request-ID" in response["headers"]
            if int(status) >= 400:
                assert response["content"].keys() == {"application/problem+json"}
                assert response["description"]


def test_every_answer_with_a_body_has_an_example(spec: Json) -> None:
    for operation in operations(spec):
        success = operation["responses"][min(operation["responses"])]
        assert all("example" in content for content in success.get("content", {}).values()), operation["operationId"]


@pytest.mark.integration
def test_the_command_prints_the_same_document_every_time_without_servers_and_secrets(
    pytestconfig: pytest.Config, spec: Json
) -> None:
    def printed(seed: str) -> str:
        command = [sys.executable, "-m", "api.openapi"]
        environ = {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        return subprocess.run(
            command, cwd=pytestconfig.rootpath, env=environ, capture_output=True, text=True, check=True
        ).stdout

    first, second = printed("1"), printed("2")
    assert first == second
    assert json.loads(first) == spec
