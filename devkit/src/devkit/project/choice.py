"""What is chosen for a new product, and what can be chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit import env, forges, ports
from devkit.capability.declaration import STARTER, capabilities, refuse_incomplete
from devkit.feature.delete import features
from devkit.terminal import CommandError

# A product's ports are ten from here on, or some blocks of ten further, below those that systems give to clients.
_FIRST, _BLOCKS, _SIZE = 20_000, 1_200, 10
# What the first of them can be: the system keeps those below for itself.
LOWEST, HIGHEST = 1024, 65_536 - _SIZE


@dataclass(frozen=True)
class Choice:
    """What a product is made with: its name, the features it keeps, the capabilities it goes without.

    `port` is the first of its ports; with 0 they are those of the starter. `ci` names the
    forges that it gets continuous integration for.
    """

    name: str
    port: int
    features: tuple[str, ...]
    without: tuple[str, ...]
    ci: tuple[str, ...]

    def refuse(self, root: Path) -> None:
        """Raise CommandError for what is not there, what needs something that is left out, and ports that are none."""
        _refuse_unknown("feature", self.features, features(root))
        _refuse_unknown("capability", self.without, removable(root))
        refuse_incomplete(self.without, root)
        _refuse_unknown("forge", self.ci, list(forges.PLACES))
        if self.port and not LOWEST <= self.port <= HIGHEST:
            raise CommandError(
                f"{self.port} cannot be the first of a product's ports: {LOWEST} to {HIGHEST} can.", code=2
            )

    def ports(self) -> dict[str, str]:
        """Return the settings of the ports; none where the starter's stay, as in a clone that was renamed."""
        return {name: str(self.port + number) for number, name in enumerate(env.port_keys()) if self.port}


def removable(root: Path) -> list[str]:
    """Return the capabilities that a product can go without."""
    return [name for name in capabilities(root) if name != STARTER]


def block_of(name: str) -> int:
    """Return the first port of a product, by its name: two products get the same one in 1,200.

    `copier.yml` computes the same.
    """
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return _FIRST + _SIZE * (int(digest[:6], 16) % _BLOCKS)


def free_block(name: str) -> int:
    """Return the first block from a product's own on of which nothing on this machine has a port now."""
    own = (block_of(name) - _FIRST) // _SIZE
    blocks = (_FIRST + _SIZE * ((own + step) % _BLOCKS) for step in range(_BLOCKS))
    return next(block for block in blocks if all(ports.is_free(block + number) for number in range(_SIZE)))


def _refuse_unknown(kind: str, chosen: Sequence[str], present: Sequence[str]) -> None:
    if unknown := [name for name in chosen if name not in present]:
        raise CommandError(f"there is no {kind} {unknown[0]!r}: there are {', '.join(present) or 'none'}.", code=2)
