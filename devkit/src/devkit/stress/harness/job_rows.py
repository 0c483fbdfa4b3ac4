"""Rows for the work behind requests: a job, from its request until it is seen done."""

import time

import gevent

# Seconds: how often a user looks whether its job is done, and when it gives up.
LOOK_EVERY = 0.02
PATIENCE = 30.0


def follow(user, url, name, began):
    """Look at a job until it has ended, and count it in a row `name: POST to done`; `began` is when it was posted."""
    status, deadline = "pending", began + PATIENCE
    while status in ("pending", "running") and time.perf_counter() < deadline:
        gevent.sleep(LOOK_EVERY)
        answer = user.client.get(url, name=f"{url.rpartition('/')[0]}/[id]")
        # A request that failed is counted as such, and the next may succeed.
        status = answer.json()["status"] if answer.status_code == 200 else status
    _count(user, f"{name}: POST to done", round(1000 * (time.perf_counter() - began)), status)


def _count(user, row, milliseconds, status):
    if status == "done":
        # In a row of its own and in no total, because it is no request.
        user.environment.stats.get(row, "WORK").log(milliseconds, 0)
        return
    error = RuntimeError(f"{status} after {PATIENCE:.0f} s" if status in ("pending", "running") else status)
    user.environment.events.request.fire(
        request_type="WORK", name=row, response_time=milliseconds, response_length=0, exception=error, context={}
    )
