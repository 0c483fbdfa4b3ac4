"""hello: asks no server, so it shows what the API's process can do at most."""

from locust import FastHttpUser, between, task


class HelloUser(FastHttpUser):
    """Asks for the greeting."""

    wait_time = between(0.05, 0.15)

    @task
    def hello(self):
        self.client.get("/api/v1/hello")
