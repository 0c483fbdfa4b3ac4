"""The proxy in front of the API."""
