"""The harnesses of the brokers: each module bears the name of its kind, and declares a `HARNESS`."""

import sys

from common.discovery import modules_by_name
from devkit.chaos.broker import BrokerHarness
from devkit.chaos.stack import Stack


def harness(stack: Stack) -> BrokerHarness:
    """Return the harness of a stack's broker."""
    made: BrokerHarness = modules_by_name(sys.modules[__name__])[stack.broker].HARNESS(stack)
    return made
