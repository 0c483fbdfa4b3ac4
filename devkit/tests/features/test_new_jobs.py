"""A new feature with a job or a schedule: its setting comes and goes, and its name is no word of jobs."""

from pathlib import Path

import pytest

from devkit.capability.declaration import capabilities
from devkit.capability.users import refuse_used
from devkit.feature.create import create
from devkit.feature.delete import delete
from devkit.feature.found_options import all_options
from devkit.feature.parse import feature_spec
from devkit.terminal import CommandError

from .copies import git, state
from .test_new import CHOICES


def test_both_options_are_among_those_that_are_tried() -> None:
    assert {"job", "schedule"} <= set(all_options())
    assert {(), ("job",), ("schedule",), ("job", "schedule")} <= set(CHOICES)


@pytest.mark.parametrize("options", CHOICES)
def test_a_schedule_brings_the_setting_of_what_is_kept(root: Path, options: tuple[str, ...]) -> None:
    create(feature_spec("sales_category", fields="title:str", options=options), root)
    settings = (root / ".env").read_text("utf-8")
    assert ("SALES_CATEGORY_KEEP_DAYS=" in settings) is ("schedule" in options)


def test_a_feature_leaves_the_settings_of_one_whose_name_goes_on(root: Path) -> None:
    for name in ("sales", "sales_order"):
        create(feature_spec(name, fields="title:str", options=["schedule"]), root)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", f"--message={name}")
    delete("sales", root)
    settings = (root / ".env").read_text("utf-8")
    assert "SALES_ORDER_KEEP_DAYS=" in settings
    assert "\nSALES_KEEP_DAYS=" not in settings


@pytest.mark.parametrize("options", [choice for choice in CHOICES if {"job", "schedule"} & {*choice}])
def test_a_feature_that_uses_the_queue_is_told_before_that_can_go(root: Path, options: tuple[str, ...]) -> None:
    queue = capabilities(root)["queue"]
    create(feature_spec("sales_plain", fields="title:str"), root)
    refuse_used([queue], root)
    create(feature_spec("sales", fields="title:str", options=options), root)
    with pytest.raises(CommandError, match=r"the feature sales needs queue: .* `invoke remove feature sales`"):
        refuse_used([queue], root)
    refuse_used([queue], root, but=["sales"])


def test_a_name_that_is_a_word_of_jobs_is_refused(root: Path) -> None:
    with pytest.raises(CommandError, match="'job' is taken: "):
        create(feature_spec("job", fields="title:str"), root)
    assert state(root)[1] == ""


def test_a_field_that_every_job_has_is_refused() -> None:
    with pytest.raises(CommandError):
        feature_spec("invoice", fields="job:str")
