"""Profiles of the running services, by py-spy, while simulated users keep them busy."""
