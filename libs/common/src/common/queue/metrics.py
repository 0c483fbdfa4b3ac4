"""What is counted of messages."""

from prometheus_client import Counter

from common.metrics import OWN

PUBLISHES = Counter(
    "publishes", "Messages that the broker took, or did not, or that were left out.", ["name", "outcome"], registry=OWN
)
DROPPED_MESSAGES = Counter("dropped_messages", "Messages that found the publisher full.", ["name"], registry=OWN)
REFUSED_MESSAGES = Counter(
    "refused_messages", "Messages in the queue that were not ours, by what was wrong.", ["reason"], registry=OWN
)
