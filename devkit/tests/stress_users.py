"""The environment of a stack with simulated users for tests."""

from pathlib import Path

USERS = {"STRESS_USERS": str(Path(__file__).with_name("stress-users"))}
