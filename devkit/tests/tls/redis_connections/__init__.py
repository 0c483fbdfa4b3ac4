"""Connections to Valkey that deliver no messages, a module each: `connect(settings)`, and the `PLACE` it is in."""
