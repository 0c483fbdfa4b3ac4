"""What operators need: `python -m admin --help`."""
