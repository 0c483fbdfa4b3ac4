"""What the document says of keys is asked of the API by schemathesis, with a valid key, none and a wrong one.

Its check `ignored_auth` repeats what was answered, without a key and with an invented one, and fails where that is
answered too.
"""

from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from flask import request
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from common.auth.keys import Keys
from testing.resource import RESOURCE
from web.extensions import auth

URL = "/api/v1/resources"
BODY: dict[str, Any] = {"title": "Response times", "values": [3.5, 1, 4]}
load_all_checks()
IGNORED_AUTH: Any = CHECKS.get_by_names(["ignored_auth"])
# Few, for what is generated matters little: each operation has to be answered once.
BUDGET = settings(
    max_examples=5,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)


def answered(app: APIFlask, token: str) -> set[str]:
    """Send what the document allows, check each answer, and return the operations that need a key and were answered.

    Raises FailureGroup for an operation that is answered without one too.
    """
    key = {"Authorization": f"Bearer {token}"}
    client, found = app.test_client(), set()
    for result in schemathesis.openapi.from_wsgi("/openapi.json", app).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if "security" not in operation.definition.raw:
            continue

        @BUDGET
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            if "id" in case.path_parameters:
                case.path_parameters["id"] = client.post(URL, json=BODY, headers=key).get_json()["id"]
            if case.method == "POST":
                case.body = BODY
            case.query.pop("cursor", None)
            response = case.call_and_validate(headers=key, checks=IGNORED_AUTH)
            if response.status_code < 300:
                found.add(case.operation.label)

        ask()
    return found


@pytest.fixture
def token(keys: Keys) -> str:
    return keys.create("billing", ["*"])[1]


def test_every_operation_that_needs_a_key_is_answered_with_one_and_refused_without(app: APIFlask, token: str) -> None:
    assert answered(app, token) == {f"GET {URL}", f"POST {URL}", f"GET {URL}/{{id}}", f"DELETE {URL}/{{id}}"}


@pytest.mark.parametrize("endpoint", ["list_resources", "delete_resource"])
def test_an_operation_that_answers_without_a_key_is_found(app: APIFlask, token: str, endpoint: str) -> None:
    """Else nobody would know whether the check looks at anything."""
    own: Any = app.before_request_funcs[None]
    guard = own.index(auth._authenticate)
    own[guard] = lambda: None if request.endpoint == f"{RESOURCE.name}.{endpoint}" else auth._authenticate()
    with pytest.raises(FailureGroup, match=r"without authentication|invalid authentication") as found:
        answered(app, token)
    assert URL in str(found.value)
