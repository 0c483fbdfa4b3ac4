"""Reports: a list of numbers goes in, its statistics come out, computed by the worker."""
