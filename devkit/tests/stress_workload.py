"""The environment of a stack with the example feature, and with simulated users for it."""

from pathlib import Path

from .workload import WORKLOAD as FEATURE

WORKLOAD = {**FEATURE, "STRESS_USERS": str(Path(__file__).with_name("stress-users"))}
