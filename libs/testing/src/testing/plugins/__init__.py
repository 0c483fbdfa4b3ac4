"""Plugins of pytest that the root `conftest.py` finds by folder; their fixtures replace those of `testing.fixtures`."""
