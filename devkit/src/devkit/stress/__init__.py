"""Stress: simulated users against the API, by locust in an environment of its own."""
