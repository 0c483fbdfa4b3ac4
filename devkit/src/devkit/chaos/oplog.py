"""What happened to each document, read from the log that MongoDB itself keeps of every write (`local.oplog.rs`).

The product counts nothing for this. Every end of a job writes `job.finished_at` and every claim `job.attempt`, so the
log shows how often each of them was really written, also where a second write left the same document behind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import Timestamp
from pymongo import MongoClient

Entry = Mapping[str, Any]


@dataclass
class JobHistory:
    """When a job was claimed, and by which owner; when it ended, and in which state. Seconds since 1970."""

    claims: list[tuple[float, str]] = field(default_factory=list)
    ends: list[tuple[float, str]] = field(default_factory=list)

    @property
    def ended(self) -> float | None:
        """Return when it first ended; None when it has not."""
        return self.ends[0][0] if self.ends else None


def position(mongo: MongoClient[dict[str, Any]]) -> Timestamp:
    """Return where the log ends now."""
    last = mongo["local"]["oplog.rs"].find_one(sort=[("$natural", -1)], projection={"ts": True})
    return last["ts"] if last else Timestamp(0, 0)


def job_histories(mongo: MongoClient[dict[str, Any]], namespace: str, since: Timestamp) -> dict[str, JobHistory]:
    """Return what happened to the documents of a collection (`database.collection`) since a position, by their ids."""
    entries = mongo["local"]["oplog.rs"].find({"ts": {"$gt": since}, "ns": namespace, "op": {"$in": ["i", "u"]}})
    return read(entries)


def read(entries: Iterable[Entry]) -> dict[str, JobHistory]:
    """Return the histories that entries of the log describe."""
    histories: dict[str, JobHistory] = defaultdict(JobHistory)
    known: dict[str, dict[str, Any]] = defaultdict(dict)
    for entry in entries:
        name = str(entry["o2"]["_id"] if entry["op"] == "u" else entry["o"]["_id"])
        # An entry may hold the whole document, with fields that it did not change.
        job = {key: value for key, value in _written(entry).items() if known[name].get(key) != value}
        known[name] |= job
        at = entry["wall"].timestamp()
        if entry["op"] == "u" and "attempt" in job:
            histories[name].claims.append((at, str(job.get("owner", ""))))
        if "finished_at" in job:
            histories[name].ends.append((at, str(job.get("state", "the same"))))
    return dict(histories)


def _written(entry: Entry) -> dict[str, Any]:
    """Return the fields of `job` that an entry writes: all of them where it holds the whole document."""
    change = entry["o"]
    if "diff" not in change:
        return dict(change.get("job") or {})
    inner = change["diff"].get("sjob", {})
    whole = {**change["diff"].get("u", {}), **change["diff"].get("i", {})}.get("job", {})
    return {**whole, **inner.get("u", {}), **inner.get("i", {})}
