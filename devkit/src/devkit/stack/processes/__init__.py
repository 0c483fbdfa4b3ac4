"""The processes of the product: a module for each, so that one goes by deleting its file.

A module has `process(context, heartbeat, metrics)`, which returns the spec with these two files, and `ORDER`: processes
are stopped by it, first what accepts work, last what does it. Where a profile is useful, `PROFILED` says of what.
"""
