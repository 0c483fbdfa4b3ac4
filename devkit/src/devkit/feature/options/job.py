"""A feature that is accepted at once and computed by the worker."""

from collections.abc import Mapping
from typing import Any

from devkit.feature.option import Option, Samples
from devkit.feature.spec import FeatureSpec


def _samples(spec: FeatureSpec, shown: Mapping[str, Any]) -> Samples:
    made = {**shown, "status": "pending", "progress": 0.0, "attempts": 0, "error": None, "result": None}
    # What `compute` makes of the fields: the first job after a start is compared with it.
    result = ", ".join(str(value) for value in spec.example.values())
    done = {**made, "status": "done", "progress": 1.0, "attempts": 1, "result": result}
    return {
        "create": made,
        "get": done,
        "retry": {**made, "attempts": 5, "error": "ValueError: not this time"},
        "list": [{**made, "id": "697df1ec1c9d440000c0ffef"}, done],
    }


OPTION = Option(
    "it is accepted at once and computed by the worker",
    is_base=True,
    taken=frozenset({"status", "progress", "attempts", "error", "result", "job"}),
    samples=_samples,
)
