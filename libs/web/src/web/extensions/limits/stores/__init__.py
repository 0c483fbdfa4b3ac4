"""Servers on which all processes count together, found by folder.

Each module has `counters(settings)`, which returns its counters, or None where these settings name no such server.
"""
