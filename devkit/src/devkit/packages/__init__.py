"""The proof that each of our packages can be built, and works where nothing else is installed."""
