"""ipecho: asks a remote service for our public address; how to depend on somebody else's service."""
