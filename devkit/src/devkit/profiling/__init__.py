"""Profiles of the running services, by py-spy, while something keeps them busy."""
