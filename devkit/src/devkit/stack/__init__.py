"""The whole stack as processes: databases, API, worker and beat, supervised from one terminal."""
