"""`invoke new`: an option of one kind is refused for the other, instead of doing nothing."""

import pytest

from devkit.commands.generate import new
from devkit.feature.found_options import all_options

from .conftest import Refusal


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        *(("feature", option) for option in ("--name=x", "--features=none", "--without=x", "--port=20000")),
        *(("project", option) for option in (*(f"--{name}" for name in all_options()), "--fields=a:str", "--plural=x")),
    ],
)
def test_an_option_of_the_other_kind_is_refused_in_one_line_that_names_it(
    refusal: Refusal, kind: str, option: str
) -> None:
    other = {"feature": "project", "project": "feature"}[kind]
    said = refusal(new, f"kind={kind}", "target=../none/invoice", option)
    assert f"{option.partition('=')[0]} is an option of `invoke new {other}`" in said
