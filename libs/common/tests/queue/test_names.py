"""What of the queue is named after the product."""

import pytest

from common import brokers
from common.config import Settings
from common.names import LONGEST
from common.queue.producer import celery_settings


@pytest.mark.parametrize("name", ["a", "name", "a-name-2", "x9-9-9", "a" * LONGEST])
def test_a_good_name_is_the_one_of_the_queue(name: str) -> None:
    settings = Settings.load({"PROJECT": name, "MONGO_DATABASE": ""}, env_files=())
    assert celery_settings(settings)["task_default_queue"] == f"{name}.jobs"


def test_the_longest_name_fits_into_what_is_made_of_it() -> None:
    """The labels of DNS, as in names of hosts, have 63 bytes."""
    longer = max([*brokers.names(), "worker"], key=len)
    assert len(f"{'a' * LONGEST}-{longer}-management-99") <= 63
