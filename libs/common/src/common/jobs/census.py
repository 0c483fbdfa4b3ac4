"""How the durable jobs of all collections stand, told from an index alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from pymongo.database import Database

from common.jobs.model import OPEN, JobState
from common.mongo import Document


@dataclass(frozen=True)
class Standing:
    """The jobs of one name in one state: how many, and how many seconds ago the oldest of them was accepted.

    The age is on the server's clock; None when no job tells when it was accepted.
    """

    collection: str
    name: str
    state: JobState
    count: int
    oldest: float | None


def census(database: Database[Document], collections: Iterable[str]) -> list[Standing]:
    """The open jobs: pending, running and failed. Raises PyMongoError.

    Those that ended well are not counted: there is no limit to them. Reads no document where a collection has its
    `job_indexes()`.
    """
    return [standing for name in collections for standing in _standings(database, name)]


def _standings(database: Database[Document], collection: str) -> list[Standing]:
    group = {
        "_id": {"name": "$job.name", "state": "$job.state"},
        "count": {"$sum": 1},
        "oldest": {"$min": "$job.created_at"},
    }
    age = {"$divide": [{"$subtract": ["$$NOW", "$oldest"]}, 1000]}
    pipeline: list[Document] = [
        {"$match": {"job.state": {"$in": OPEN}}},
        {"$group": group},
        {"$set": {"oldest": age}},
        {"$sort": {"_id": 1}},
    ]
    return [
        Standing(collection, each["_id"]["name"], JobState(each["_id"]["state"]), each["count"], each["oldest"])
        for each in database[collection].aggregate(pipeline)
    ]
