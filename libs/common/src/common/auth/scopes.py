"""Scopes: what a key allows, `FEATURE:read` or `FEATURE:write`.

They follow from the feature of a route and from its method, so a new route is closed before anybody has thought of it.
"""

from collections.abc import Iterable

from common.auth.keys import ALL


def needed(feature: str, *, changes: bool) -> str:
    """Return the scope of a request that only reads, or that changes something."""
    return f"{feature}:{'write' if changes else 'read'}"


def every(features: Iterable[str]) -> list[str]:
    """Return all scopes that there are; the first one is `*`, which stands for all others."""
    return [ALL, *(needed(feature, changes=changes) for feature in features for changes in (False, True))]


def allows(scopes: Iterable[str], scope: str) -> bool:
    """Return whether one of these scopes is enough."""
    return not {ALL, scope}.isdisjoint(scopes)
