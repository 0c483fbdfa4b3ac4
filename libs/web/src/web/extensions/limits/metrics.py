"""What is counted of limits."""

from prometheus_client import Counter

from common.metrics import OWN

REFUSED = Counter("rate_limit_refused", "Requests that were one too many, by limit.", ["limit"], registry=OWN)
UNCOUNTED = Counter(
    "rate_limit_uncounted", "Requests while the server that counts them was away.", ["answered"], registry=OWN
)
