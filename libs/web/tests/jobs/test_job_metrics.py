"""What the API's metrics tell of jobs."""

from flask.testing import FlaskClient

EXAMPLES = "/api/v1/examples"


def test_they_tell_how_the_jobs_stand(api: FlaskClient) -> None:
    for _ in range(3):
        api.post(EXAMPLES, json={"title": "a", "values": [1]})
    answer = api.get("/metrics", headers={"Host": "any.example"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert 'jobs{name="example.work",state="pending"} 3.0' in answer.text
    assert 'jobs_oldest_seconds{name="example.work",state="pending"}' in answer.text


def test_while_the_database_is_away_nothing_is_told_of_jobs(offline: FlaskClient) -> None:
    answer = offline.get("/metrics")
    assert answer.status_code == 200
    assert "jobs{" not in answer.text
