"""Backups: one file that holds a whole database as it was at one moment, and its restore."""
