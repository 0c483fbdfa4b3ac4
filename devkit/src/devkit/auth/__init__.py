"""Keys for the toolbox's own requests to a stack of its own."""
