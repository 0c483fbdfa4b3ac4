"""One run: the load, the fault in its middle, the wait until everything is done, and the evidence."""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx2
from bson import Timestamp
from pymongo.errors import PyMongoError

from . import oplog
from .broker import waiting
from .faults import Fault
from .load import Load, Post, requests
from .measures import Measures, measure
from .place import Place
from .stack import APIS, DATABASE, WORKERS
from .verdict import LIVE, Evidence

# Seconds of load before and after a fault, and requests in a second at most.
BEFORE, AFTER = 2.0, 3.0
MOST = 25.0
# Seconds after the bar until what is not well counts as broken; to tell by how much it is late.
PATIENCE = 15.0
# Seconds between two volleys of reports that ask whether every worker hears.
PROBE_PAUSE = 0.5


class Run:
    """One fault on one stack; `usual` is what its processes need when all is well."""

    def __init__(self, place: Place, fault: Fault, *, count: int, seed: int, usual: Measures) -> None:
        self._place, self._fault, self._usual = place, fault, usual
        self._database = place.stack.mongo[DATABASE]
        self._posts = requests(count, name=fault.name, seed=seed, titles=fault.titles)
        self._rate = min(MOST, count / (BEFORE + fault.lasts + AFTER))
        # A quarter of the load comes before the fault, but not so much that the fault would outlast it.
        load = count / self._rate
        self._quiet_until = max(BEFORE, min(load / 4, load - fault.lasts - AFTER))

    def evidence(self) -> Evidence:
        """Runs it."""
        place, stack = self._place, self._place.stack
        for name in ("reports", "reports.payloads", "job_keys"):
            self._database[name].delete_many({})
        place.promised.clear()
        before = measure(place).or_more(self._usual)
        since = oplog.position(stack.mongo)
        load = Load(stack.urls, self._posts, rate=self._rate)
        try:
            load.start()
            place.wait(self._quiet_until)
            began = time.time()
            self._fault.inject(place)
            ended = time.time()
            self._posts = [*self._posts, *place.promised]
            load.wait(stack.check)
        finally:
            load.stop()
        self._settle(ended)
        return self._gathered(since, began, ended, self._left(before))

    def _settle(self, ended: float) -> None:
        """Waits until nothing is live, a tick was worked on, and every API process and every worker is back."""
        probes, next_probe = 0, 0.0

        def settled() -> bool:
            nonlocal probes, next_probe
            try:
                if not (self._is_drained() and self._is_ticking(ended)):
                    return False
                if all((self._answered(ended) | self._heard(ended)).values()):
                    return True
            except PyMongoError:
                return False
            if time.monotonic() < next_probe:
                return False
            # A worker that hears takes one of these; a deaf one leaves all to the other.
            probes, next_probe = probes + 1, time.monotonic() + PROBE_PAUSE
            self._posts += self._probe(probes)
            return False

        self._place.until(settled, seconds=max(1.0, ended + self._fault.recovery + PATIENCE - time.time()))

    def _answered(self, ended: float) -> dict[str, float]:
        """When each API process first accepted something after the fault."""
        found = dict.fromkeys(APIS, math.inf)
        for post in self._posts:
            if post.accepted and post.answered >= ended:
                name = APIS[self._place.stack.urls.index(post.url)]
                found[name] = min(found[name], post.answered)
        return {name: at if at < math.inf else 0.0 for name, at in found.items()}

    def _probe(self, number: int) -> list[Post]:
        load = Load(self._place.stack.urls, requests(8, name=f"{self._fault.name}-probe-{number}", seed=0), rate=100)
        try:
            load.start()
            load.wait(self._place.stack.check)
        finally:
            load.stop()
        return list(load.posts)

    def _is_drained(self) -> bool:
        return self._database["reports"].find_one({"job.state": {"$in": list(LIVE)}}, {"_id": True}) is None

    def _is_ticking(self, ended: float) -> bool:
        ticks = oplog.histories(self._place.stack.mongo, f"{DATABASE}.ticks", _position(ended))
        return any(at >= ended for each in ticks.values() for at, _ in each.ends)

    def _heard(self, ended: float) -> dict[str, float]:
        """When each worker first took something up after the fault."""
        found = dict.fromkeys(WORKERS, 0.0)
        histories = oplog.histories(self._place.stack.mongo, f"{DATABASE}.reports", _position(ended))
        for at, owner in sorted(claim for history in histories.values() for claim in history.claims):
            worker = owner.partition("@")[0]
            if at >= ended and found.get(worker) == 0:
                found[worker] = at
        return found

    def _left(self, before: Measures) -> tuple[int, list[str]]:
        """The messages that are left in the broker, and what is still more than before, after a while."""
        messages, growth = 0, [""]

        def is_back() -> bool:
            nonlocal messages, growth
            messages, growth = waiting(self._place.stack), measure(self._place).growth(before)
            return not messages and (self._fault.large or not growth)

        self._place.until(is_back, seconds=30)
        return messages, growth

    def _gathered(self, since: Timestamp, began: float, ended: float, left: tuple[int, list[str]]) -> Evidence:
        mongo = self._place.stack.mongo
        return Evidence(
            posts=self._posts,
            shown=self._shown(),
            documents=self._documents(),
            histories=oplog.histories(mongo, f"{DATABASE}.reports", since),
            ticks=oplog.histories(mongo, f"{DATABASE}.ticks", since),
            began=began,
            ended=ended,
            back=self._answered(ended) | self._heard(ended),
            refuses=self._fault.refuses,
            bar=self._fault.recovery,
            waiting=left[0],
            growth=[] if self._fault.large else left[1],
        )

    def _documents(self) -> dict[str, dict[str, Any]]:
        """What stands in MongoDB, each with the key that its client had given it."""
        found = {each["_id"]: each for each in self._database["reports"].find({}, {"values": False})}
        for each in self._database["job_keys"].find():
            if each["job_id"] in found:
                found[each["job_id"]]["key"] = each["_id"]["key"]
        return found

    def _shown(self) -> Mapping[str, Mapping[str, Any]]:
        """What the API answers for each accepted report."""
        urls = self._place.stack.urls
        shown: dict[str, Mapping[str, Any]] = {}
        with httpx2.Client(timeout=20, trust_env=False) as client:
            for number, post in enumerate(each for each in self._posts if each.accepted):
                with suppress(httpx2.HTTPError):
                    answer = client.get(f"{urls[number % len(urls)]}/api/v1/reports/{post.id}")
                    shown[post.id] = answer.json()
        return shown


def _position(moment: float) -> Timestamp:
    """Where the log stood at a moment, or a second before it."""
    return Timestamp(int(moment) - 1, 0)
