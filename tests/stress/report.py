"""report: accepted by the API, computed by the worker."""

import time

import gevent
from locust import FastHttpUser, between, task

REPORTS = "/api/v1/reports"
VALUES = [float(number % 97) for number in range(1_000)]
# Seconds: how often a user looks whether its report is done, and when it gives up.
LOOK_EVERY = 0.02
PATIENCE = 30.0


class ReportUser(FastHttpUser):
    """Posts reports and follows each until it is done; sometimes lists the newest."""

    wait_time = between(0.05, 0.15)

    @task(3)
    def make_report(self):
        began = time.perf_counter()
        with self.client.post(REPORTS, json={"title": "Stress", "values": VALUES}, catch_response=True) as answer:
            if answer.status_code != 202:
                answer.failure(f"answered {answer.status_code} instead of 202")
                return
            report = answer.json()
        status = follow(self, report["id"], began + PATIENCE)
        measure_job(self, "report: POST to done", began, status)

    @task
    def list_reports(self):
        self.client.get(f"{REPORTS}?limit=20", name=f"{REPORTS}?limit=20")


def follow(user, report_id, deadline):
    """Look at a report until it is finished, and return what it is then."""
    status = "pending"
    while status in ("pending", "running") and time.perf_counter() < deadline:
        gevent.sleep(LOOK_EVERY)
        answer = user.client.get(f"{REPORTS}/{report_id}", name=f"{REPORTS}/[id]")
        # A failed look is counted as such, and the next may succeed.
        status = answer.json()["status"] if answer.status_code == 200 else status
    return status


def measure_job(user, name, began, status):
    """Count a job with the time from its request until it was seen done, or as failed."""
    milliseconds = round(1000 * (time.perf_counter() - began))
    if status == "done":
        # In a row of its own and in no total, for it is no request.
        user.environment.stats.get(name, "JOB").log(milliseconds, 0)
    else:
        error = RuntimeError(f"{status} after {PATIENCE:.0f} s" if status in ("pending", "running") else status)
        user.environment.events.request.fire(
            request_type="JOB", name=name, response_time=milliseconds, response_length=0, exception=error, context={}
        )
