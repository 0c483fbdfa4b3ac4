"""What keeps a stack busy while it is profiled: a module with a function `load` for each."""
