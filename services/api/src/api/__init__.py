"""The HTTP API: routes that translate between HTTP and the domain."""
