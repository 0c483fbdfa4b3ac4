"""What is counted of jobs."""

from prometheus_client import Counter, Histogram

from common.metrics import OWN, SECONDS

ATTEMPTS = Counter("job_attempts", "Attempts at jobs, by how they ended.", ["name", "outcome"], registry=OWN)
ATTEMPT_SECONDS = Histogram(
    "job_attempt_seconds", "From a claim to its end.", ["name"], registry=OWN, buckets=(*SECONDS, 30, 60, 120, 300)
)
SWEEPS = Counter("sweeps", "Rounds of the sweeper.", ["outcome"], registry=OWN)
SWEEP_NOTIFICATIONS = Counter("sweep_notifications", "Jobs that the sweeper notified of.", ["name"], registry=OWN)
GIVEN_BACK = Counter("jobs_given_back", "Jobs whose worker fell silent, died or stopped.", ["reason"], registry=OWN)
