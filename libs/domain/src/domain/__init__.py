"""The product: one folder per feature; knows no Flask, no Celery and no environment."""
