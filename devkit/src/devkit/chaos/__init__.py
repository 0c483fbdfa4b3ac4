"""Fault injection: break the production stack under load, and verify that accepted work is never lost."""
