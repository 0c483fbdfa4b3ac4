"""report: accepted by the API, computed by the worker."""

import time

# Of the folder that locust loads; it is on the path.
from job_rows import follow
from locust import FastHttpUser, between, task

REPORTS = "/api/v1/reports"
VALUES = [float(number % 97) for number in range(1_000)]


class ReportUser(FastHttpUser):
    """Post reports and follow each until it is done; sometimes list the newest."""

    wait_time = between(0.05, 0.15)

    @task(3)
    def make_report(self):
        began = time.perf_counter()
        with self.client.post(REPORTS, json={"title": "Stress", "values": VALUES}, catch_response=True) as answer:
            if answer.status_code != 202:
                answer.failure(f"answered {answer.status_code} instead of 202")
                return
            report = answer.json()
        follow(self, f"{REPORTS}/{report['id']}", "report", began)

    @task
    def list_reports(self):
        self.client.get(f"{REPORTS}?limit=20", name=f"{REPORTS}?limit=20")
