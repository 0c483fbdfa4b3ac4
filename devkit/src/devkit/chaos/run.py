"""One run: the load, a fault in the middle, the wait until everything has recovered, and the evidence."""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx2
import pymongo
from bson import Timestamp
from pymongo.errors import PyMongoError

from .brokers import harness
from .context import FaultContext
from .faults import Fault
from .load import Load, Post, client, requests
from .oplog import JobHistory, job_histories, position
from .resources import ResourceUsage, measure
from .stack import APIS, DATABASE, JOBS, WORKERS
from .verdict import LIVE, Evidence

# Seconds of load before and after a fault, and requests per second at most.
_BEFORE, _AFTER = 2.0, 3.0
_MAX_RATE = 25.0
# Seconds to wait longer than a recovery may take, to report how late it is.
_PATIENCE = 15.0
# Seconds between two rounds of jobs that test whether every worker consumes.
_PROBE_PAUSE = 0.5
# Seconds between two looks at all that has happened: each reads the log, or the connections of the whole machine. The
# log holds the moments, so that what is measured does not depend on this.
_LOOK_PAUSE = 0.5
# Seconds that deleting what a row has left may take; the client's own limit is for what is measured.
_DELETE_TIMEOUT = 120.0


class Run:
    """One fault on one stack; `usual` is what its processes need without a fault."""

    def __init__(self, context: FaultContext, fault: Fault, *, count: int, seed: int, usual: ResourceUsage) -> None:
        self._context, self._stack, self._fault, self._usual = context, context.stack, fault, usual
        self._database = context.stack.mongo[DATABASE]
        self._posts = requests(count, name=fault.name, seed=seed, titles=fault.titles)
        self._rate = min(_MAX_RATE, count / (_BEFORE + fault.duration + _AFTER))
        # A quarter of the load comes before the fault, but not so much that the fault would outlast the load.
        load = count / self._rate
        self._quiet = max(_BEFORE, min(load / 4, load - fault.duration - _AFTER))
        self._probes, self._next_probe = 0, 0.0

    def evidence(self) -> Evidence:
        """Run the fault under load and return what happened."""
        # What a row with large jobs has left may take long to delete on a busy disk, and nothing is measured yet.
        with pymongo.timeout(_DELETE_TIMEOUT):
            for name in (JOBS, f"{JOBS}.payloads", "job_keys"):
                self._database[name].delete_many({})
        self._context.accepted_directly.clear()
        before = measure(self._context).maximum(self._usual)
        since = position(self._stack.mongo)
        with Load(self._stack.urls, self._posts, rate=self._rate, headers=self._stack.headers) as load:
            self._context.wait(self._quiet)
            began = time.time()
            self._inject()
            ended = time.time()
            self._posts = [*self._posts, *self._context.accepted_directly]
            load.wait(self._stack.check)
        deadline = ended + self._fault.max_recovery + _PATIENCE
        patience = max(1.0, deadline - time.time())
        self._context.wait_until(lambda: self._has_recovered(ended), seconds=patience, pause=_LOOK_PAUSE)
        return self._collect(since, began, ended, self._leftovers(before))

    def _inject(self) -> None:
        if self._fault.inject is None:
            self._context.wait(self._fault.duration)
        else:
            self._fault.inject(self._context)

    def _has_recovered(self, ended: float) -> bool:
        """Return whether no job is live, a tick was run, and every API process and worker works again."""
        try:
            if not (self._is_drained() and self._is_ticking(ended)):
                return False
            if all(self._back(ended).values()):
                return True
        except PyMongoError:
            return False
        if time.monotonic() >= self._next_probe:
            # Both workers together get these; one that does not consume leaves all to the other.
            self._probes, self._next_probe = self._probes + 1, time.monotonic() + _PROBE_PAUSE
            self._posts = [*self._posts, *self._probe()]
        return False

    def _probe(self) -> list[Post]:
        posts = requests(8, name=f"{self._fault.name}-probe-{self._probes}", seed=0)
        with Load(self._stack.urls, posts, rate=100, headers=self._stack.headers) as load:
            load.wait(self._stack.check)
        return posts

    def _is_drained(self) -> bool:
        return self._database[JOBS].find_one({"job.state": {"$in": list(LIVE)}}, {"_id": True}) is None

    def _is_ticking(self, ended: float) -> bool:
        ticks = self._histories("ticks", _position(ended))
        return any(at >= ended for history in ticks.values() for at, _ in history.ends)

    def _back(self, ended: float) -> dict[str, float]:
        """Return when each API process first accepted, and each worker first claimed, after the fault; 0 for never."""
        moments: list[tuple[float, str]] = [
            (post.answered, APIS[self._stack.urls.index(post.url)]) for post in self._posts if post.accepted
        ]
        histories = self._histories(JOBS, _position(ended)).values()
        moments += [(at, owner.partition("@")[0]) for history in histories for at, owner in history.claims]
        first = {name: at for at, name in sorted(moments, reverse=True) if at >= ended}
        return {name: first.get(name, 0.0) for name in (*APIS, *WORKERS)}

    def _histories(self, collection: str, since: Timestamp) -> dict[str, JobHistory]:
        return job_histories(self._stack.mongo, f"{DATABASE}.{collection}", since)

    def _leftovers(self, before: ResourceUsage) -> tuple[int, list[str]]:
        """Return how many messages are left, and which resources have grown, after up to 30 seconds."""
        messages, growth = 0, [""]

        def is_clean() -> bool:
            nonlocal messages, growth
            messages, growth = harness(self._stack).messages_left(), measure(self._context).growth(before)
            return not messages and (self._fault.large or not growth)

        self._context.wait_until(is_clean, seconds=30, pause=_LOOK_PAUSE)
        return messages, [] if self._fault.large else growth

    def _collect(self, since: Timestamp, began: float, ended: float, left: tuple[int, list[str]]) -> Evidence:
        return Evidence(
            posts=self._posts,
            responses=self._responses(),
            documents=self._documents(),
            histories=self._histories(JOBS, since),
            ticks=self._histories("ticks", since),
            began=began,
            ended=ended,
            injected=self._fault.inject is not None,
            back=self._back(ended),
            refuses=self._fault.refuses,
            max_recovery=self._fault.max_recovery,
            messages_left=left[0],
            growth=left[1],
        )

    def _documents(self) -> dict[str, dict[str, Any]]:
        """Return what MongoDB holds, each document with the key that its client sent."""
        documents = {document["_id"]: document for document in self._database[JOBS].find({}, {"values": False})}
        for key in self._database["job_keys"].find():
            if key["job_id"] in documents:
                documents[key["job_id"]]["key"] = key["_id"]["key"]
        return documents

    def _responses(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what the API answers for each accepted job."""
        urls = self._stack.urls
        responses: dict[str, Mapping[str, Any]] = {}
        with client(timeout=20, headers=self._stack.headers) as http:
            for number, post in enumerate(post for post in self._posts if post.accepted):
                with suppress(httpx2.HTTPError):
                    answer = http.get(f"{urls[number % len(urls)]}/api/v1/examples/{post.id}")
                    responses[post.id] = answer.json()
        return responses


def _position(moment: float) -> Timestamp:
    """Return where the log stood at a moment, or a second before it."""
    return Timestamp(math.floor(moment) - 1, 0)
