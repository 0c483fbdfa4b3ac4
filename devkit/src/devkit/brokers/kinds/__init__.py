"""A module for each kind of broker: it bears the kind's name in `common.brokers`, and declares a `SERVER`."""
