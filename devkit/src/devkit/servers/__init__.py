"""The database and message servers of development and tests: real ones, private to one data folder."""
