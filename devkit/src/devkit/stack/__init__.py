"""The whole stack as processes: servers and services, supervised from one terminal."""
