"""Plumbing that knows no product."""
