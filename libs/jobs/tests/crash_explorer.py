"""Every history of a job that a few disturbances can make, found by walking through the states it can be in.

A state is all that outlives the processes: the job's document, the messages in flight, and what people will still do.
From each state the next step is done once undisturbed and once for every point it can be killed at, in real processes
on a real MongoDB (`crash_worker.py`); a message may also be lost, come twice, or come late. What follows depends on
nothing but the state, so a state that many histories reach is walked on from once, and each of them is counted.

Time does not pass while a test waits: it passes in the state, whose times are kept relative to the clock. Before a
sweep it is moved on to the moment the next notification is due. The clock of MongoDB itself, which decides, is never
touched.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from signal import SIGKILL
from time import monotonic
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database

from common.mongo import Document
from jobs import keys, payloads
from jobs.model import LIVE

from .crash_worker import KIND, POLICY, job_id, unique_key

NOW = timedelta()
ORPHANED = timedelta(milliseconds=payloads.ORPHANED)
# Seconds; the shortest pause of a job is one second.
STALLED = 0.9
# More steps than any history takes; one that needs more would be notified for ever.
LONGEST = 60


@dataclass(frozen=True)
class Life:
    """What people and processes do, in this order, before the job is left to the messages and the sweeper.

    `then` is what its work does, and `ends` are the states it may end in.
    """

    plan: tuple[str, ...]
    ends: tuple[str, ...] = ("done",)
    then: str = ""


@dataclass(frozen=True)
class State:
    """All that outlives the processes: the job's document, messages, the plan, the job's payload and its key.

    Times are relative to now. A document is None as long as it is not written, and when it is removed.
    """

    document: Document | None
    flight: int
    plan: tuple[str, ...]
    payload: Document | None = None
    unique_key: Document | None = None

    @property
    def job(self) -> Document:
        return self.document["job"] if self.document else {}

    @property
    def live(self) -> bool:
        return self.job.get("state") in LIVE

    @property
    def step(self) -> str | None:
        """What comes next when nothing disturbs it; None when all is at rest."""
        if self.plan:
            return self.plan[0]
        return "deliver" if self.flight else "sweep" if self.live or self.orphan else None

    @property
    def orphan(self) -> bool:
        """Whether there is a payload that is nobody's."""
        return self.payload is not None and self.document is None

    @property
    def key(self) -> str:
        """The same for states with the same future. Of a time it matters only whether it has come."""
        whole = [self.document, self.flight, self.plan, self.payload, self.unique_key]
        return json.dumps(whole, default=lambda time: time <= NOW)

    def without(self, step: str) -> "State":
        """This state when a step has begun: it is taken from the plan, or its message from the flight."""
        plan = self.plan[1:] if self.plan[:1] == (step,) else self.plan
        return replace(self, plan=plan, flight=self.flight - (step == "deliver"))

    def when(self, step: str) -> "State":
        """This state at the moment of a step: a sweep comes when the next notification is due, all else at once."""
        if not step.startswith("sweep"):
            return self
        next_at = self.payload["at"] + ORPHANED if self.orphan and self.payload else self.job.get("notify_at", NOW)
        passed = max(next_at, NOW) + timedelta(milliseconds=1)
        return self.timed(timedelta, lambda time: time - passed)

    def timed(self, kind: type, change: Callable[[Any], Any]) -> "State":
        """This state with its times, which are of the given type, changed."""
        document, payload, key = (_timed(each, kind, change) for each in (self.document, self.payload, self.unique_key))
        return replace(self, document=document, payload=payload, unique_key=key)


class Processes:
    """Two of `crash_worker.py`: one that lasts, and one whose children die."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        command = [sys.executable, str(Path(__file__).with_name("crash_worker.py"))]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": dict(environ)}
        self._lasting, self._dying = (subprocess.Popen(command, **pipes) for _ in range(2))

    def do(self, **order: Any) -> list[dict[str, Any]]:
        """Has a step done, and answers what was told of it."""
        process = self._dying if order["die_at"] else self._lasting
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps(order), file=process.stdin, flush=True)
        told: list[dict[str, Any]] = []
        while "end" not in (event := json.loads(process.stdout.readline() or '{"end": "by an error"}')):
            told.append(event)
        assert event["end"] == (SIGKILL if order["die_at"] else 0), told
        return told

    def close(self) -> None:
        for process in (self._lasting, self._dying):
            process.communicate()


class CrashExplorer:
    """The histories of one life with up to a number of disturbances."""

    def __init__(self, database: Database[Document], do: Callable[..., list[dict[str, Any]]], life: Life) -> None:
        quick = database.with_options(write_concern=WriteConcern(w=1))
        self._jobs = quick[KIND.collection]
        self._payloads = quick[f"{KIND.collection}.payloads"]
        self._keys = quick[keys.COLLECTION]
        self._do = do
        self._life = life
        self._numbers = count(1)
        self._disturbances = 0
        self._counted: dict[tuple[str, int], int] = {}
        self._done: dict[tuple[str, str, int], tuple[list[str], State]] = {}
        # The names of the points, and how many steps were killed.
        self.points: set[str] = set()
        self.killed = 0
        # How often the effect is to be written to each document, in the one step that is done to it.
        self.effects: dict[str, int] = {}

    def walk(self, disturbances: int) -> int:
        """Walks through all histories, requires each to come to its right end, and answers how many there are."""
        self._disturbances = disturbances
        return self._histories(State(None, 0, self._life.plan), disturbances, LONGEST)

    def _histories(self, state: State, left: int, length: int) -> int:
        assert length, f"this does not come to rest: {state}"
        if state.plan[:1] == ("deliver",) and not state.flight:
            state = replace(state, plan=state.plan[1:])
        if state.step is None:
            self._check_end(state)
            return 1
        if (state.key, left) not in self._counted:
            followers = list(self._followers(state, state.step, left))
            self._counted[state.key, left] = sum(self._histories(each, rest, length - 1) for each, rest in followers)
        return self._counted[state.key, left]

    def _followers(self, state: State, step: str, left: int) -> Iterator[tuple[State, int]]:
        """The states that may follow, each with the disturbances that are left then."""
        points, after = self._step(state, step)
        yield after, left
        if left:
            yield from ((disturbed, left - 1) for disturbed in self._killed(state, step, points, left))
            if step == "deliver":
                yield from ((disturbed, left - 1) for disturbed in self._misdelivered(state, after))

    def _killed(self, state: State, step: str, points: list[str], left: int) -> Iterator[State]:
        """What is left of a step that is killed, once for each of its points and for what follows on a death.

        Before a command there is what was after the one before it. The first kill of a history holds that to be true,
        the later ones spare the process.
        """
        killed = state.when(step).without(step)
        for die_at, name in enumerate(points, 1):
            if left == self._disturbances or name.endswith("after"):
                previous, (passed, killed) = killed, self._step(state, step, die_at)
                assert passed == points[:die_at], "one state led to different points"
                assert name.endswith("after") or killed.key == previous.key
            yield killed
            if step == "drain":
                # No message comes again.
                yield replace(killed, plan=("restart", *killed.plan))
                yield replace(killed, plan=("abandon_process", *killed.plan))
            if step == "deliver":
                # The broker delivers again what was not acknowledged; the worker is started again; its main process
                # notices that a child died, and has the message delivered again.
                yield replace(killed, flight=killed.flight + 1)
                yield replace(killed, plan=("restart", *killed.plan))
                yield replace(killed, flight=killed.flight + 1, plan=("abandon", *killed.plan))

    def _misdelivered(self, state: State, after: State) -> Iterator[State]:
        """The message is lost, comes once more, or comes later than the sweeper."""
        yield state.without("deliver")
        yield replace(after, flight=after.flight + 1)
        if state.live:
            yield self._step(state, "sweep")[1]

    def _step(self, state: State, step: str, die_at: int = 0) -> tuple[list[str], State]:
        """Does a step, or remembers it; answers the points it passed and what it left.

        A step that took so long that a pause may have ended meanwhile is done again.
        """
        if (known := (state.key, step, die_at)) not in self._done:
            outcome = None
            while outcome is None:
                outcome = self._do_step(state.when(step), step, die_at)
            self._done[known] = outcome
        return self._done[known]

    def _do_step(self, state: State, step: str, die_at: int) -> tuple[list[str], State] | None:
        number, began = next(self._numbers), monotonic()
        before = self._put(state, number)
        name, _, unheard = step.partition(" ")
        told = self._do(step=name, number=number, then=self._life.then, broken=bool(unheard), die_at=die_at)
        left, now = self._take(state, number), datetime.now(UTC)
        self._check_step(name, before, left)
        points, published = (
            [each["point"] for each in told if "point" in each],
            sum("published" in each for each in told),
        )
        if monotonic() - began > STALLED:
            return None
        self.killed, self.points = self.killed + bool(die_at), self.points | {*points}
        rest = left.timed(datetime, lambda time: time - now).without(step)
        return points, replace(rest, flight=rest.flight + published)

    def _put(self, state: State, number: int) -> Document | None:
        """Writes a state, and answers the job's document; whatever its id was, it is that of the number now."""
        now, name = datetime.now(UTC), job_id(number)
        put = state.timed(timedelta, lambda time: now + time)
        if put.payload is not None:
            self._payloads.insert_one({**put.payload, "_id": name})
        if put.unique_key is not None:
            self._keys.insert_one({**put.unique_key, "_id": unique_key(number).id, "job_id": name})
        if put.document is None:
            return None
        key = {"key": unique_key(number).id} if "key" in put.document else {}
        self._jobs.insert_one({**put.document, **key, "_id": name})
        return self._jobs.find_one({"_id": name})

    def _take(self, state: State, number: int) -> State:
        """What is left of a state after a step. It is taken away, for the next sweep would else find it."""
        mine = {"_id": {"$regex": f"^{re.escape(job_id(number))}"}}
        documents, payloads_ = list(self._jobs.find(mine)), list(self._payloads.find(mine))
        key = self._keys.find_one_and_delete({"_id": unique_key(number).id})
        self._jobs.delete_many(mine)
        self._payloads.delete_many(mine)
        assert len(documents) <= 1, "one job was accepted twice"
        ids = {each["_id"] for each in (*documents, *payloads_)} | ({key["job_id"]} if key else set())
        assert len(ids) <= 1, "what belongs together has one id"
        return replace(state, document=_first(documents), payload=_first(payloads_), unique_key=key)

    def _check_step(self, step: str, before: Document | None, left: State) -> None:
        """What holds after every step, wherever it was killed."""
        after = left.document
        if after is None:
            assert before is None or step in ("remove", "purge"), "a document is gone"
            return
        job = after["job"]
        assert "payload" not in job or left.payload is not None, "a job never lacks its payload"
        assert ("data" in after) == ("then" in after and "payload" not in job)
        assert ("finished_at" in job) == (job["state"] not in LIVE) == ("notify_at" not in job)
        assert (job["state"] == "running") == ("lease_until" in job) == ("owner" in job) == ("process" in job)
        assert (job["state"] == "pending") == ("not_before" in job)
        assert (job["state"] == "done") == ("effect" in after), "the effect and the end are written together"
        assert job["attempt"] <= POLICY.max_attempts
        was_ended = before is not None and "finished_at" in before["job"]
        assert not was_ended or after == before or step.startswith("reopen"), "only a person changes an end"
        self.effects[after["_id"]] = int(job["state"] == "done" and not was_ended)

    def _check_end(self, state: State) -> None:
        """What holds when all is at rest. A job that was never inserted was never promised."""
        if state.document is not None:
            job = state.job
            assert job["state"] in self._life.ends, job
            assert state.document.get("effect") == (job["attempt"] if job["state"] == "done" else None)
            assert bool(job["error"]) or job["state"] != "failed"
        assert not state.orphan


def _first(found: list[Document]) -> Document | None:
    return found[0] if found else None


def _timed(document: Document | None, kind: type, change: Callable[[Any], Any]) -> Any:
    """A copy of a document without ids, in which its times and its job's, which are of the given type, are changed."""
    if document is None:
        return None
    timed = {name: change(value) if isinstance(value, kind) else value for name, value in document.items()}
    timed |= {name: _timed(timed[name], kind, change) for name in ("job",) if name in timed}
    # Ids differ from step to step, and are given anew.
    return {name: True if name in ("key", "job_id") else value for name, value in timed.items() if name != "_id"}
