"""The same work by Procrastinate on PostgreSQL: `invoke bench jobs` measures the product without HTTP beside it.

`python procrastinate_document.py COUNT THREADS` defers jobs, waits for all of them, and prints the seconds that took as
JSON; `... schema` makes the tables. What a job computes with is its arguments, so that one insert accepts it.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import procrastinate
import psycopg
from psycopg_pool import ConnectionPool

URL = os.environ["PEER_POSTGRES_URL"]
POLL = 0.05
VALUES = [float(number % 97) for number in range(100)]
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL))


@app.task(name="compute", queue="peer", pass_context=True)
async def compute(context: procrastinate.JobContext, *, title: str, values: list[float]) -> None:
    """Compute, and write the result."""
    await app.connector.execute_query_async(
        "INSERT INTO results (job_id, title, result) VALUES (%(job_id)s, %(title)s, %(result)s)",
        job_id=context.job.id,
        title=title,
        result=sum(values) / len(values),
    )


def make_schema() -> None:
    """Make the tables."""
    with procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=URL)).open() as opened:
        opened.schema_manager.apply_schema()
    with psycopg.connect(URL) as connection:
        connection.execute("CREATE TABLE results (job_id bigint PRIMARY KEY, title text, result double precision)")


def main(count: int, threads: int) -> None:
    """Defer `count` jobs."""
    pool = ConnectionPool(URL, min_size=threads, max_size=threads, open=True)
    connector = procrastinate.SyncPsycopgConnector()
    with (
        app.replace_connector(connector) as deferring,
        deferring.open(pool),
        psycopg.connect(URL, autocommit=True) as connection,
        ThreadPoolExecutor(threads) as workers,
    ):
        pool.wait()

        def finished() -> int:
            query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
            row = connection.execute(query).fetchone()
            return int(row[0]) if row else 0

        # Counting what was done before would take time from the work.
        connection.execute("TRUNCATE procrastinate_jobs, results CASCADE")
        began = time.perf_counter()
        list(workers.map(lambda _: compute.defer(title="Bench", values=VALUES), range(count)))
        while finished() < count:
            time.sleep(POLL)
        print(json.dumps({"seconds": time.perf_counter() - began}))
    pool.close()


if __name__ == "__main__":
    if sys.argv[1] == "schema":
        make_schema()
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
