"""The harnesses of the brokers: each module bears the name of its kind, and declares a `HARNESS`."""

import sys

from common.discovery import modules_of
from devkit.chaos.broker import BrokerHarness
from devkit.chaos.stack import Stack


def harness(stack: Stack) -> BrokerHarness:
    """Return the harness of a stack's broker."""
    found = {module.__name__.rpartition(".")[2]: module.HARNESS for module in modules_of(sys.modules[__name__])}
    made: BrokerHarness = found[stack.broker](stack)
    return made
