"""How the database stands to the code: behind it, ahead of it, or as the code expects it."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pymongo
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.clients import PING_TIMEOUT
from common.feature import Feature
from common.migration import COLLECTION
from common.mongo import Document
from common.promises import Promises

log = logging.getLogger(__name__)

# Seconds between two looks of a process that asks often: when the database fits, and when it does not.
PAUSE, UNFIT_PAUSE = 5.0, 0.5


@dataclass(frozen=True)
class Standing:
    """The ids of the migrations in which the database and the code differ.

    `behind` are missing in the database, in the order in which they are to be applied; `ahead` are missing in the code,
    and those of them that are `incompatible` were applied to data that this code cannot work on.
    """

    behind: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    incompatible: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why this code cannot run on the database; empty when it can."""
        if self.behind:
            return f"the database is behind: {_listed(self.behind)} is not applied. Run `invoke db-migrate`"
        if self.incompatible:
            return f"the database is ahead: this version cannot run after {_listed(self.incompatible)}"
        return ""


def standing(database: Database[Document], features: Iterable[Feature]) -> Standing:
    """Compare the database with the migrations of the features. Raises PyMongoError.

    What is recorded of a feature that was removed stops no process: no code here uses its data.
    """
    known = {feature.name for feature in features}
    declared = [migration.id for feature in features for migration in feature.migrations]
    recorded = {each["_id"]: each for each in database[COLLECTION].find({"feature": {"$exists": True}})}
    ahead = [each for name, each in sorted(recorded.items()) if name not in declared]
    return Standing(
        tuple(name for name in declared if name not in recorded),
        tuple(each["_id"] for each in ahead),
        tuple(each["_id"] for each in ahead if each["incompatible"] and each["feature"] in known),
    )


class Fitness:
    """Whether the database is fit for the code of this process, and the servers for its promises.

    What changes is told to the log, once.
    """

    def __init__(
        self,
        database: Callable[[], Database[Document]],
        features: Iterable[Feature],
        promises: Promises | None = None,
    ) -> None:
        self._database, self._features, self._promises = database, tuple(features), promises
        self._standing = Standing()
        self._reason = ""
        self._next = 0.0

    def ask(self) -> str:
        """Ask each of them, for a second at most; return why one is not fit, empty when all are.

        While one does not answer, return what it answered last: that it is away is told by others.
        """
        try:
            with pymongo.timeout(PING_TIMEOUT):
                found = standing(self._database(), self._features)
        except PyMongoError as error:
            log.debug("The migrations are unknown (%s).", type(error).__name__)
            found = self._standing
        reason = found.reason or (self._promises.ask() if self._promises else "")
        self._tell(found, reason)
        return reason

    def recent(self) -> str:
        """Return the same, as it was some seconds ago."""
        if time.monotonic() >= self._next:
            self.ask()
            self._next = time.monotonic() + (UNFIT_PAUSE if self._reason else PAUSE)
        return self._reason

    def _tell(self, found: Standing, reason: str) -> None:
        before, self._reason = self._reason, reason
        if reason != before:
            if reason:
                log.warning("This process is not ready: %s.", reason)
            else:
                log.warning("This process is ready again.")
        ahead, self._standing = self._standing.ahead, found
        if found.ahead and found.ahead != ahead:
            log.warning("The database is ahead of this process by %s.", _listed(found.ahead))


def _listed(names: tuple[str, ...]) -> str:
    """Return the first name, and how many there are beside it."""
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"
