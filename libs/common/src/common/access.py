"""What a service may do with the documents of a collection; its own account in MongoDB may do this and nothing else.

A declaration names MongoDB's actions by the name of the service, such as `{"api": WRITE}`. Nobody may drop a collection
or make an index but the account of operators, whose right to it needs no declaration.
"""

from collections.abc import Mapping, Sequence

Access = Mapping[str, Sequence[str]]

READ = ("find",)
CHANGE = ("find", "update")
REMOVE = ("find", "remove")
WRITE = ("find", "insert", "update", "remove")
# In the place of a service's name: all of them.
EVERY = "*"


def joined(declared: Sequence[Access]) -> dict[str, tuple[str, ...]]:
    """Return what several declarations about one collection allow together."""
    services = dict.fromkeys(service for access in declared for service in access)
    return {
        service: tuple(action for action in WRITE if any(action in access.get(service, ()) for access in declared))
        for service in services
    }
