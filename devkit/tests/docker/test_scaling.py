"""Several workers in containers."""

import pytest

from .conftest import Deployment
from .data import report

pytestmark = pytest.mark.deploy


def test_scaled_workers_share_the_work(deployment: Deployment) -> None:
    assert "2 of worker run" in deployment.invoke("scale", "worker=2")
    assert len(deployment.containers("worker")) == 2
    accepted = [report.make(deployment) for _ in range(40)]
    for identity in accepted:
        report.whole(deployment, identity)
    lines = [line.split(" | ", 1) for line in deployment.invoke("logs").splitlines() if line.startswith("worker-")]
    workers = {name.strip() for name, line in lines if any(identity in line for identity in accepted)}
    assert workers == {"worker-1", "worker-2"}
    deployment.invoke("scale", "worker=1")
    assert len(deployment.containers("worker")) == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("api=2", "api cannot be there several times"),
        ("worker", "invoke scale worker=3"),
        ("worker=-1", "invoke scale"),
    ],
)
def test_what_cannot_be_scaled_is_refused(deployment: Deployment, wanted: str, words: str) -> None:
    assert words in deployment.invoke("scale", wanted, code=1)
