"""What every HTTP API has, whatever its product: request guards, problems, probes, documents and the server."""
