"""A user of an address that every stack has."""

from locust import FastHttpUser, between, task


class ProbeUser(FastHttpUser):
    """Ask whether the API is ready."""

    wait_time = between(0.05, 0.15)

    @task
    def ask(self) -> None:
        self.client.get("/readyz")
