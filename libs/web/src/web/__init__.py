"""What every HTTP API has, whatever its product: the edge, problems, probes, documents and the server."""
