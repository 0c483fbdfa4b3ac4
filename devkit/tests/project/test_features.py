"""Features come and go in a product as in the starter, of which a product has no file that would help."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from devkit.check import UNIT
from devkit.feature.delete import features
from devkit.feature.found_options import all_options

from ..features.coming_and_going import (
    are_removed_and_the_rest_is_whole,
    is_made_green_and_removed_without_a_trace,
    passes_its_checks,
)
from ..features.copies import FEATURES, git, run, run_here
from ..features.test_new import MADE

pytestmark = pytest.mark.features
CHANGES = [
    *(pytest.param([("remove", feature)], id=feature) for feature in FEATURES),
    pytest.param([("remove", feature) for feature in FEATURES], id="everything"),
    pytest.param([("new", "invoice", *(f"--{option}" for option in all_options())), ("new", "customer")], id="added"),
]


@pytest.fixture(scope="module")
def made(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with all features and capabilities."""
    root = tmp_path_factory.mktemp("products") / "q9-zebra"
    run_here(starter, "-m", "devkit", "new", "project", str(root), "--yes")
    return root


@pytest.fixture
def product(made: Path) -> Path:
    """The product as it was made, with what commands have made beside what is committed."""
    git(made, "reset", "--hard", "--quiet", git(made, "rev-list", "--max-parents=0", "HEAD"))
    git(made, "clean", "-d", "--force", "--quiet")
    return made


def test_without_any_feature_a_product_is_whole_and_they_come_back(product: Path) -> None:
    assert features(product) == FEATURES
    are_removed_and_the_rest_is_whole(product, FEATURES)


@pytest.mark.parametrize(
    "folders",
    [
        pytest.param(["libs/domain", "services/api"], id="of its features"),
        pytest.param(["libs", "services"], id="all", marks=pytest.mark.whole),
    ],
)
def test_the_quick_tests_of_a_product_pass(product: Path, folders: Sequence[str]) -> None:
    run_here(product, "-m", "pytest", "-n", "2", "-q", "-m", UNIT, "-p", "no:cacheprovider", *folders)


@pytest.mark.parametrize("options", MADE)
def test_a_feature_is_green_in_a_product_and_goes_without_a_trace(product: Path, options: Sequence[str]) -> None:
    is_made_green_and_removed_without_a_trace(product, options)


@pytest.mark.integration
@pytest.mark.whole
@pytest.mark.parametrize("changes", CHANGES)
def test_the_whole_suite_and_all_checks_of_a_product_pass_after_a_change(
    product: Path, changes: Sequence[Sequence[str]]
) -> None:
    # With an environment of its own, as a team has it.
    run(product, "invoke", "install")
    before = git(product, "rev-parse", "HEAD^{tree}")
    for verb, *words in changes:
        run(product, "invoke", verb, "feature", *words)
    passes_its_checks(product)
    run(product, product / ".venv/bin/python", "-m", "pytest", "-n", "4", "-q", "libs", "services")
    git(product, "revert", "--no-edit", f"HEAD~{len(changes)}..HEAD")
    assert git(product, "rev-parse", "HEAD^{tree}") == before
