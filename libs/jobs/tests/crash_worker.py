"""Do one step of a job's life, and be killed where it is told; `crash_explorer.py` gives the orders.

An order is a line of JSON on stdin, and what happens is told on stdout line by line, so it is known of a dead process
too. A point to die at is the moment before a command leaves for MongoDB or after its answer has come, before the caller
learns of it, and likewise before and after a message is published. The points are taken from what the product really
does, and named by the method of `JobStore` that does it: a command that is added to a step is one more point, without
a change here.

For an order with a point to die at this process forks, and the child opens its own connections: a death costs 30 ms.
The store, the runner, the sweeper, the ticker and the publisher are the product's own. Only the broker is not there: it
is a number of messages in flight that the histories lose, double and delay; the real ones are in the worker's tests.
"""

import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from pymongo import monitoring
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.config import Settings
from common.mongo import Document, connect
from common.queue.contract import Contract
from common.queue.publisher import Publisher
from jobs import payloads
from jobs.accept import accept
from jobs.keys import UniqueKey
from jobs.model import Claim, JobPolicy, PermanentError, new_job
from jobs.notify import notify
from jobs.runner import Attempt, run_job
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from jobs.ticks import Schedule, Ticker, tick

# Ticks, for their ids are the same whoever inserts them; `post` uses such an id like a client's idempotency key.
KIND = tick("test.work", every=lambda _: 1)
# One attempt more than a history of two kills and one error needs.
POLICY = JobPolicy(lease=30, max_attempts=4)
OWNER = "worker1@test"
# A payload that is large here.
LONG = "many"
PROCESS = "1"


def job_id(number: int) -> str:
    """The id of the tick at a time, in seconds since 1970."""
    return f"{KIND.name}@{datetime.fromtimestamp(number, UTC).isoformat().replace('+00:00', 'Z')}"


def unique_key(number: int) -> UniqueKey:
    """The key that the client gives its requests for a job."""
    return UniqueKey("test", job_id(number), digest="the same")


def tell(**event: object) -> None:
    """Writes at once, past every buffer that would die with the process."""
    os.write(1, json.dumps(event).encode() + b"\n")


class Points(monitoring.CommandListener):
    """Counts the points that a step passes, and dies at the one it is told to."""

    def __init__(self) -> None:
        self._die_at = 0
        self._passed = 0
        self._armed = False

    def arm(self, die_at: int) -> None:
        """Begins to count; with 0 nothing dies."""
        self._die_at, self._passed, self._armed = die_at, 0, True

    def disarm(self) -> None:
        """What follows is no part of the step."""
        self._armed = False

    def reach(self, name: str) -> None:
        """Tells of a point, which may be the last thing this process does."""
        if self._armed:
            tell(point=name)
            self._passed += 1
            if self._passed == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.reach(f"{method(event.command_name)} before")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self.reach(f"{method(event.command_name)} after")

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        raise AssertionError(f"MongoDB refused {event.command_name}: {event.failure}")


def method(command: str) -> str:
    """The public method of JobStore that sends the command, or the command's own name."""
    frame = sys._getframe()
    while (caller := frame.f_back) is not None:
        frame = caller
        if isinstance(frame.f_locals.get("self"), JobStore) and not frame.f_code.co_name.startswith("_"):
            return frame.f_code.co_name
    return command


class FakeQueue:
    """Stands for the queue: a message is in flight when it was told of."""

    def __init__(self, points: Points, *, broken: bool) -> None:
        self._points = points
        self._broken = broken

    def publish(self, contract: Contract[Any], payload: Any, *, request_id: str) -> None:
        self._points.reach("publish before")
        if self._broken:
            raise OSError("the broker is away")
        tell(published=payload.id)
        self._points.reach("publish after")

    def waiting(self) -> int:
        return 0


class Steps:
    """What processes do for a job, one method each; `number` says which job."""

    def __init__(self, database: Database[Document], queue: FakeQueue, number: int, then: str) -> None:
        self._database = database
        self._jobs = database[KIND.collection]
        self._store = JobStore(self._jobs, POLICY)
        self._queue = queue
        self._number = number
        self._then = then

    def post(self) -> None:
        """What the API does for a request whose job has an id that the client knows, and for a repeated one."""
        try:
            self._post(job_id(self._number), "few")
        except DuplicateKeyError:
            return

    def post_keyed(self) -> None:
        """What it does for a request with a key, and for a repeated one; each would make a job of another id."""
        self._post(self._new_id(), "few", key=unique_key(self._number))

    def post_large(self) -> None:
        """The same, where the payload lies in a document of its own."""
        self._post(self._new_id(), LONG, key=unique_key(self._number))

    def post_large_without_key(self) -> None:
        """What it does for a request that nobody repeats, for nobody would know."""
        self._post(job_id(self._number), LONG)

    def _new_id(self) -> str:
        return f"{job_id(self._number)} {secrets.token_hex(4)}"

    def _post(self, new_id: str, data: str, *, key: UniqueKey | None = None) -> None:
        document = {"_id": new_id, "then": self._then, "job": new_job(KIND, request_id="request")}
        accepted, is_new = accept(self._store, document, {"data": data}, key=key)
        if is_new:
            publisher = Publisher(self._queue)
            notify(publisher, KIND, accepted["_id"], request_id="request")
            publisher.close()

    def tick(self) -> None:
        """What a beat does."""
        Ticker(self._database, [Schedule(KIND, every=1)]).tick(self._number)

    def deliver(self) -> None:
        """What a worker does with a message."""
        run_job(self._store, KIND, job_id(self._number), self._work, owner=OWNER, process=PROCESS)

    def restart(self) -> None:
        """What a worker does when it comes back."""
        self._store.recover(OWNER)

    def abandon(self) -> None:
        """What a worker's main process does when the child that worked on the job has died."""
        sweeper = self._sweeper(self._store)
        sweeper.abandoned(KIND, job_id(self._number))
        sweeper.sweep()

    def abandon_process(self) -> None:
        """The same, where it does not know the job: the child took it by itself."""
        sweeper = self._sweeper(self._store)
        sweeper.abandoned_process(PROCESS)
        sweeper.sweep()

    def drain(self) -> None:
        """What a child does after a job: it takes the next one itself, without a message."""
        for each in self._store.ready([KIND.name], 1):
            run_job(self._store, KIND, each.id, self._work, owner=OWNER, process=PROCESS)

    def sweep(self) -> None:
        """What a worker's main process does every second."""
        self._sweeper(self._store).sweep()

    def sweep_strictly(self) -> None:
        """The same, where fewer attempts are allowed than before."""
        self._sweeper(JobStore(self._jobs, JobPolicy(lease=30, max_attempts=1))).sweep()

    def remove(self) -> None:
        """What a person does with a job that has ended."""
        self._store.remove(job_id(self._number))

    def purge(self) -> None:
        """What a schedule does with jobs that ended long ago; here that is each."""
        self._store.purge(KIND.name, timedelta(seconds=-1))

    def _sweeper(self, store: JobStore) -> Sweeper:
        return Sweeper([store], {KIND.name: KIND}, self._queue, owner=OWNER)

    def cancel(self) -> None:
        """What a person does."""
        self._store.cancel(job_id(self._number))

    def reopen(self) -> None:
        """What a person does about a failed job."""
        self._store.reopen(job_id(self._number))

    def reopen_all(self) -> None:
        """What a person does about all failed jobs."""
        self._store.reopen_all()

    def _work(self, claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        # As if it had worked for longer than quick work does, which notes nothing.
        attempt._noted_at = 0.0
        # A tick has none.
        assert claim.document.get("data") in (None, "few", LONG), "a worker gets the payload wherever it lies"
        assert "data" in claim.document or "payload" not in claim.document["job"]
        attempt.progress(0.5)
        match claim.document.get("then"), claim.attempt:
            case "error", 1:
                raise ValueError("not this time")
            case "errors", _:
                raise ValueError("not this time either")
            case "refusal", _:
                raise PermanentError("it cannot be done")
            case "stop", 1:
                raise SystemExit(0)
            case "cancel", _:
                self._store.cancel(claim.id)
        return {"effect": claim.attempt}


class Process:
    """Does steps with connections of its own."""

    def __init__(self, settings: Settings, points: Points) -> None:
        self._points = points
        self._database = connect(settings)[settings.mongo_database]
        self._database.command("ping")

    def do(self, step: str, number: int, then: str, *, broken: bool, die_at: int) -> None:
        steps = Steps(self._database, FakeQueue(self._points, broken=broken), number, then)
        self._points.arm(die_at)
        try:
            getattr(steps, step)()
        except (SystemExit, OSError) as error:
            tell(raised=str(error))
        finally:
            self._points.disarm()


def main() -> None:
    logging.disable()
    payloads.LARGE = len(bson.encode({"data": LONG})) - 1
    settings = Settings.load(os.environ, env_files=())
    points = Points()
    monitoring.register(points)
    lasting = None
    for line in sys.stdin:
        order = json.loads(line)
        if order["die_at"]:
            if (pid := os.fork()) == 0:
                Process(settings, points).do(**order)
                os._exit(1)
            _, status = os.waitpid(pid, 0)
            tell(end=status)
        else:
            lasting = lasting or Process(settings, points)
            lasting.do(**order)
            tell(end=0)


if __name__ == "__main__":
    main()
