"""Migrations: changes of data that a feature brings, each applied once, before the code that needs it serves."""
