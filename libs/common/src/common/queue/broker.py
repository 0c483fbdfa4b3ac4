"""The broker that the settings name: its kind and its address."""

from common import brokers
from common.addresses import scheme_of
from common.broker import BrokerKind
from common.config import Settings
from common.extensions.queue.settings import QueueSettings


def kind_of(settings: Settings) -> BrokerKind:
    """Return the kind of the broker that is connected to: what the address says, or else what BROKER names."""
    queue = settings.section(QueueSettings)
    return brokers.of_scheme(scheme_of(queue.broker_url.get_secret_value())) or brokers.named(queue.broker)


def address_of(settings: Settings) -> str:
    """Return the broker's URL with its credentials. Never log it."""
    queue = settings.section(QueueSettings)
    if url := queue.broker_url.get_secret_value():
        return url
    return settings.section(brokers.named(queue.broker).settings).address(settings.project, encrypted=settings.uses_tls)
