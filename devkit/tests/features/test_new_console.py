"""Where the console is, a new feature has its panel there."""

from pathlib import Path

import pytest

from devkit.feature.create import create
from devkit.feature.delete import delete
from devkit.feature.parse import feature_spec

from .coming_and_going import ALL_TYPES
from .copies import run_here, state
from .test_new import CHOICES

OWN = "services/admin/tests/console/panels/test_sales_category.py"


@pytest.mark.integration
@pytest.mark.parametrize("options", CHOICES)
def test_a_new_feature_has_a_panel_that_goes_with_it(root: Path, options: tuple[str, ...]) -> None:
    made = create(feature_spec("sales_category", fields=ALL_TYPES, options=options), root)
    panels = "services/admin/src/admin/console/panels/sales_category"
    assert {f"{panels}.py", f"{panels}.html", OWN} <= set(made)
    run_here(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", OWN)
    delete("sales_category", root)
    assert state(root)[1] == ""
