"""Runs one attempt of a durable job: claim, work under a heartbeat, finish once."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from pymongo.errors import PyMongoError

from common.logging import bind
from common.metrics import count, observe
from jobs.metrics import ATTEMPT_SECONDS, ATTEMPTS
from jobs.model import Claim, ClaimLostError, JobKind, PermanentError
from jobs.store import JobStore

log = logging.getLogger(__name__)

# Seconds between two notes of progress; more often would only rewrite the document.
PROGRESS_INTERVAL = 0.5

Work = Callable[[Claim, "Attempt"], Mapping[str, Any]]


def run_job(store: JobStore, kind: JobKind, job_id: str, work: Work, *, owner: str, process: str = "") -> Claim | None:
    """Claim the job and do its work; the effect that `work` answers is written together with `done`.

    Nothing happens when the job is not to be had: it is finished, cancelled, or another worker has it. PermanentError
    from `work` fails the job with its message; any other error gives it back until its attempts are used up, and of
    that one clients are told nothing but the request. Answers the claim, whatever became of it.
    """
    claim = store.claim(job_id, name=kind.name, owner=owner, process=process)
    if claim is None:
        log.debug("Nothing to do for %s %s.", kind.name, job_id)
        return None
    with bind(request_id=claim.request_id, job_id=job_id):
        log.info("%s begins, attempt %d.", kind.name, claim.attempt)
        started, outcome = time.monotonic(), "stopped"
        try:
            outcome = _attempt(store, kind, claim, work)
        finally:
            observe(ATTEMPT_SECONDS, time.monotonic() - started, kind.name)
            count(ATTEMPTS, kind.name, outcome)
    return claim


def _attempt(store: JobStore, kind: JobKind, claim: Claim, work: Work) -> str:
    """Return how the attempt ended, in a word."""
    started = time.monotonic()
    try:
        with Attempt(store, claim) as attempt:
            effect = work(claim, attempt)
            finished = attempt.finish(effect)
    except ClaimLostError:
        finished = False
    except PermanentError as error:
        log.warning("%s failed for good: %s", kind.name, error)
        store.fail(claim, str(error))
        return "failed"
    except Exception as error:
        log.exception("%s failed in attempt %d.", kind.name, claim.attempt)
        told = f"it failed unexpectedly, in request {claim.request_id}"
        store.retry(claim, told, detail=f"{type(error).__name__}: {error}")
        return "error"
    except BaseException:
        store.retry(claim, "the worker was stopped", backoff=0)
        raise
    if finished:
        log.info("%s is done after %.2f s.", kind.name, time.monotonic() - started)
        return "done"
    log.info("%s was cancelled or taken over; its result is discarded.", kind.name)
    return "discarded"


class Attempt:
    """A claim that is being worked on: a thread renews its lease until the block ends."""

    def __init__(self, store: JobStore, claim: Claim) -> None:
        self._store = store
        self._claim = claim
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._valid_until = time.monotonic() + store.policy.lease
        # Work that ends within the first interval writes no progress: its end is written just as soon.
        self._noted_at = time.monotonic()
        self._thread = threading.Thread(target=self._renew_until_ended, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def progress(self, fraction: float) -> None:
        """Note how far the work is, 0 to 1; cheap to call often.

        Raises ClaimLostError when the work is no longer wanted.
        """
        self.check()
        if time.monotonic() - self._noted_at >= PROGRESS_INTERVAL:
            self._renew(progress=min(max(fraction, 0.0), 1.0))
            self._noted_at = time.monotonic()
            self.check()

    def check(self) -> None:
        """Raise ClaimLostError when the job was cancelled, taken over, or its lease could not be renewed in time."""
        if self._lost.is_set():
            raise ClaimLostError(self._claim.id)

    def finish(self, effect: Mapping[str, Any]) -> bool:
        """Write the effect; tries again while MongoDB is away and the lease lasts. False when the claim is void."""
        while True:
            try:
                return self._store.finish(self._claim, effect)
            except PyMongoError:
                if time.monotonic() >= self._valid_until or self._lost.is_set():
                    raise
                log.warning("MongoDB did not take the result; trying again.")
                self._ended.wait(PROGRESS_INTERVAL)

    def _renew_until_ended(self) -> None:
        with bind(request_id=self._claim.request_id, job_id=self._claim.id):
            while not self._ended.wait(self._store.policy.lease / 3) and not self._lost.is_set():
                self._renew()

    def _renew(self, *, progress: float | None = None) -> None:
        asked_at = time.monotonic()
        try:
            held = self._store.renew(self._claim, progress=progress)
        except PyMongoError as error:
            log.warning("The lease could not be renewed (%s).", type(error).__name__)
            held = time.monotonic() < self._valid_until
        else:
            self._valid_until = asked_at + self._store.policy.lease
        if not held:
            self._lost.set()
