"""Variables of libraries that not every product has, found by folder.

Each module has `NEUTRALISED` and `NOT_REACHED`, as in `variables.py`, and `OPTIONS`: a folder whose modules name
variables as options of a command line.
"""
