"""The kinds of servers that take encrypted connections, found by folder.

Each module has `SERVER`, the class; `CLIENTS`, the classes whose instances are connections to it; `MADE_BY`, one of
which stands where such a connection is made; and `PLACES`, the modules of libs and services that make one.
"""
