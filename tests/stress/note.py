"""note: stored and changed at once, so it shows what a request with a durable write costs."""

from locust import FastHttpUser, between, task

NOTES = "/api/v1/notes"


class NoteUser(FastHttpUser):
    """Writes notes, changes each once and removes it; sometimes lists the newest."""

    wait_time = between(0.05, 0.15)

    @task(3)
    def write_note(self):
        with self.client.post(NOTES, json={"title": "Stress", "text": "first"}, catch_response=True) as answer:
            if answer.status_code != 201:
                answer.failure(f"answered {answer.status_code} instead of 201")
                return
            note, etag = answer.json(), answer.headers["ETag"]
        path, name = f"{NOTES}/{note['id']}", f"{NOTES}/[id]"
        self.client.patch(path, json={"text": "second"}, headers={"If-Match": etag}, name=name)
        self.client.delete(path, name=name)

    @task
    def list_notes(self):
        self.client.get(f"{NOTES}?limit=20", name=f"{NOTES}?limit=20")
