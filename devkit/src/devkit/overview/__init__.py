"""One page about what all checks, tests and measurements have shown."""
