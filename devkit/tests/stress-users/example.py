"""A user of the example feature, for the tests of `invoke stress` and `invoke profile`."""

import time

from job_rows import follow
from locust import FastHttpUser, between, task

EXAMPLES = "/api/v1/examples"


class ExampleUser(FastHttpUser):
    """Post examples and follow each until it is done."""

    wait_time = between(0.05, 0.15)

    @task
    def make_example(self) -> None:
        began = time.perf_counter()
        with self.client.post(EXAMPLES, json={"title": "Stress", "values": [1.0, 2.0]}, catch_response=True) as answer:
            if answer.status_code != 202:
                answer.failure(f"answered {answer.status_code} instead of 202")
                return
            example = answer.json()
        follow(self, f"{EXAMPLES}/{example['id']}", "example", began)
