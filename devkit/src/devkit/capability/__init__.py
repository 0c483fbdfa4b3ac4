"""Capabilities: parts of the project that can be removed, each declared by a file in `declared/`."""
