"""Variables of libraries that a service brings, found by folder.

Each module has `NEUTRALISED` and `NOT_REACHED`, as in `variables.py`, and `OPTIONS`: folders whose modules name
variables as options of a command line.
"""
