"""Skip notifications while enough messages wait to keep the workers busy.

A notification only tells the workers to look, and a worker that looks late takes all that waits. Behind many messages
another one would only be fetched in vain, so it is left out. The first one that is left out is sent a moment later: it
stands for all that came after it. If it is lost too, the sweeper notifies again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from common.queue.contract import Contract

log = logging.getLogger(__name__)

# Messages that keep the workers busy; and those that are sent without a question to the broker.
ENOUGH = 20
# Seconds for which the broker's answer holds. A worker takes further jobs where one has waited for half of it.
WINDOW = 0.1


@dataclass(frozen=True)
class Message:
    """What is sent; a notification only says that there is work, and may be left out."""

    contract: Contract[Any]
    payload: BaseModel
    request_id: str
    is_notification: bool = False


class Skipping:
    """Which notifications of one publisher are left out; for its thread alone.

    `waiting` returns how many messages no worker has fetched yet, and may raise when the broker does not tell.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._sent = 0
        self._first: Message | None = None
        self._ends_at = 0.0

    def skips(self, message: Message) -> bool:
        """Return whether a message is left out; from the first one on, until `end`, each notification is."""
        if not message.is_notification:
            return False
        if self._first is None:
            if not self._are_enough():
                return False
            self._first, self._ends_at = message, time.monotonic() + WINDOW
        return True

    @property
    def seconds_left(self) -> float | None:
        """How many seconds from now the first one that was left out has to be sent; None when none was."""
        return None if self._first is None else max(0.0, self._ends_at - time.monotonic())

    def end(self) -> Message | None:
        """Return the first one that was left out, which is no longer to be, if there is one."""
        first, self._first = self._first, None
        # What follows asks again at once.
        self._sent = ENOUGH
        return None if first is None else replace(first, is_notification=False)

    def _are_enough(self) -> bool:
        """Return whether enough wait; asks the broker only now and then, so at a low rate it is hardly asked."""
        self._sent += 1
        if self._sent <= ENOUGH:
            return False
        self._sent = 0
        try:
            return self._waiting() >= ENOUGH
        except Exception as error:
            # What cannot count may all the same take messages.
            log.debug("The broker does not tell how many messages wait (%s).", type(error).__name__)
            return False
