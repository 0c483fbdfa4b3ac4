"""The Celery worker and its scheduler."""
