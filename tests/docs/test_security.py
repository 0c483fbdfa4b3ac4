"""The counts and the tests that the documents of security name are those of this repository."""

import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from devkit.capability.declaration import capabilities, with_users
from devkit.capability.marks import marked

from .blocks import ROOT

PAGES = pytest.mark.parametrize("folder", ["docs", "docs/zh"])
COMMON, WEB = "libs.common.tests", "libs.web.tests"
# By the first name in a row, the tests whose cases are counted there.
COUNTED = {
    "PROJECT": {
        f"{COMMON}.test_names": ["a_bad_name_is_told_its_rule_and_what_is_allowed_in_one_line_also_by_the_settings"],
    },
    "SECRET_KEY": {
        f"{COMMON}.test_production": [
            "a_secret_that_can_be_guessed_is_refused_wherever_it_stands",
            "a_secret_is_for_one_thing_only_and_is_no_name",
        ],
        f"{COMMON}.test_secret_files": ["a_file_that_holds_no_secret_is_one_line"],
    },
    "MONGO_URL": {
        f"{COMMON}.test_production": ["an_account_or_an_address_that_is_unfit_is_named"],
        f"{COMMON}.test_plain_text": [
            "a_mongodb_elsewhere_in_plain_text_is_refused",
            "a_mongodb_host_elsewhere_is_refused",
        ],
        f"{COMMON}.test_tls": ["production_refuses_a_mongodb_that_need_not_prove_who_it_is"],
    },
    # [queue]
    "BROKER_URL": {
        f"{COMMON}.queue.test_plain_text": [
            "a_broker_elsewhere_in_plain_text_is_refused",
            "the_host_of_a_kind_elsewhere_is_refused",
        ],
        f"{COMMON}.queue.test_tls": [
            "production_refuses_a_broker_that_need_not_prove_who_it_is",
            "production_refuses_what_weakens_the_connection_to_the_broker",
            "production_refuses_brokers_that_nothing_here_knows",
        ],
    },
    # [/queue]
    "API_HOST": {f"{COMMON}.test_production": ["every_network_is_one_in_any_spelling"]},
    "API_TRUSTED_HOSTS": {f"{COMMON}.test_production": ["a_trusted_host_that_is_anybodys_is_refused"]},
    "API_TRUSTED_PROXIES": {f"{WEB}.test_proxies": ["what_is_no_network_is_refused_by_name"]},
    # [cors]
    "API_CORS_ORIGINS": {
        f"{WEB}.test_cors": [
            "what_is_no_origin_is_refused_at_the_start_in_one_line",
            "production_refuses_pages_in_plain_text_but_of_this_machine",
        ]
    },
    # [/cors]
    # [auth]
    "OIDC_ISSUER": {f"{WEB}.auth.test_tokens": ["a_provider_that_cannot_be_trusted_is_refused"]},
    # [/auth]
    # [limits]
    "RATE_LIMIT_READ": {f"{WEB}.limits.test_limits": ["what_is_no_limit_is_refused_by_name"]},
    # [/limits]
    # [console]
    "CONSOLE_PASSWORD_HASH": {
        "services.admin.tests.console.test_login": [
            "what_is_no_hash_is_refused_without_being_shown",
            "production_does_not_start_without_a_password",
        ]
    },
    # [/console]
    "libs/web/tests/test_input.py": {
        f"{WEB}.test_input": ["what_is_no_json_is_malformed", "what_does_not_fit_is_refused_and_pointed_at"]
    },
    "libs/web/tests/test_resources.py": {
        f"{WEB}.test_resources": [
            "a_listing_refuses_parameters_that_make_no_sense",
            "what_is_no_id_leads_nowhere",
        ]
    },
    "libs/web/tests/test_request_guards.py": {
        f"{WEB}.test_request_guards": [
            "a_foreign_host_is_refused",
            "a_hostile_path_is_not_found",
            "unknown_and_repeated_parameters_are_refused",
            "a_body_that_is_not_called_json_is_refused",
            "a_nonsensical_length_is_refused",
        ]
    },
    "libs/web/tests/front/test_framing.py": {
        f"{WEB}.front.test_framing": [
            "half_a_request_is_refused_when_no_more_comes",
            "a_framing_of_two_meanings_is_refused",
        ]
    },
    # [auth]
    "libs/web/tests/auth/test_auth.py": {
        f"{WEB}.auth.test_auth": ["what_is_no_valid_key_is_refused"],
        f"{WEB}.auth.test_tokens": ["a_token_with_a_wrong_claim_is_refused"],
    },
    # [/auth]
}


def rows(page: str) -> Iterator[tuple[list[str], str]]:
    """Yield the names in code of each row of a document's tables, and the row."""
    for row in re.findall(r"(?m)^\|.*\|$", (ROOT / page).read_text(encoding="utf-8")):
        yield re.findall(r"`([^`]+)`", row), row


def cases(module: str, name: str) -> int:
    """Return how many values a test tries, however often it tries each."""
    marks = getattr(getattr(import_module(module), f"test_{name}"), "pytestmark", [])
    given = [mark.args for mark in marks if mark.name == "parametrize"]
    return max([len(list(values)) for names, values, *_ in given if names != "kind"], default=1)


@PAGES
def test_as_many_unfit_values_are_tried_as_it_says(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    said, tried = {}, {}
    for names, row in rows(f"{folder}/security.md"):
        if number := re.search(r"\| (\d+) (?:<!-- [a-z]+ --> )?\|$", row):
            said[names[0]] = int(number[1])
            tried[names[0]] = sum(cases(module, each) for module, all_ in COUNTED[names[0]].items() for each in all_)
    assert said == tried
    assert len(said) >= 8


@PAGES
def test_every_test_that_is_named_exists(folder: str) -> None:
    named = 0
    for names, row in rows(f"{folder}/security-tests.md"):
        files = [name for name in names if "/" in name and (name.endswith(".py") or "/tests" in name)]
        texts = [(ROOT / name).read_text(encoding="utf-8") for name in files if name.endswith(".py")]
        assert [name for name in files if not (ROOT / name).exists()] == [], row
        tests = [name for name in names if name.startswith("test_")]
        assert [name for name in tests if not any(f"def {name}(" in text for text in texts)] == [], row
        named += len(files)
    assert named > 40


@PAGES
def test_a_row_goes_with_the_test_that_it_names(folder: str) -> None:
    there = capabilities(ROOT)
    files = {name: {path.relative_to(ROOT).as_posix() for path in each.all_files(ROOT)} for name, each in there.items()}
    for page in ("security.md", "security-tests.md"):
        for names, row in rows(f"{folder}/{page}"):
            for gone in (name for name, own in files.items() if own & {*names}):
                assert marked(row, with_users([gone], there)), f"{gone}: {row}"
