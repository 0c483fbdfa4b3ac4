"""The proxy in front of the API: its certificate, and what its container needs."""
